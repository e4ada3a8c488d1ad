// A connection of the server of these tests after the opening handshake: frames in, echoes out, with
// the mistakes that it may make.

import type { Socket } from "node:net";
import { DeflateCodec } from "./deflate.js";
import type { Has } from "./fault-list.js";
import { type Frame, FrameParser, Violation } from "./frame-parser.js";
import type { Deflate } from "./opening.js";
import { checkUtf8 } from "./utf8.js";

const maxLiveCheck = 4_096;

interface Open {
  readonly opcode: number;
  readonly isCompressed: boolean;
  readonly parts: Buffer[];
}

export class Echo {
  readonly #socket: Socket;
  readonly #has: Has;
  readonly #frames: FrameParser;
  readonly #codec: DeflateCodec | undefined;
  #open: Open | undefined;
  #hasClosed = false;
  #isFirst = true;
  #pings: Buffer[] = [];

  constructor(socket: Socket, has: Has, deflate: Deflate | undefined, die: () => void) {
    this.#socket = socket;
    this.#has = has;
    this.#codec = deflate && new DeflateCodec(deflate, has);
    this.#frames = new FrameParser(has, deflate !== undefined, die);
  }

  get isWithinFrame(): boolean {
    return this.#frames.rest.length > 0;
  }

  receive(chunk: Buffer): void {
    if (this.#hasClosed && !this.#has("answers what comes behind a Close frame")) {
      return this.#receiveLate(chunk);
    }
    try {
      for (const frame of this.#frames.push(chunk)) {
        if (this.#hasClosed && !this.#has("answers what comes behind a Close frame")) {
          this.#receiveLateFrame(frame);
        } else this.#receiveFrame(frame);
      }
      this.#answerPings();
      this.#checkEarly();
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.#answerPings();
      if (!this.#hasClosed) this.#fail(error.code);
    }
  }

  #receiveLate(chunk: Buffer): void {
    try {
      for (const frame of this.#frames.push(chunk)) this.#receiveLateFrame(frame);
    } catch {
      // It is ignored.
    }
  }

  #receiveLateFrame({ opcode, payload }: Frame): void {
    if (opcode === 8 && this.#has("answers every Close frame")) this.#send(8, payload);
    if (opcode === 9 && this.#has("answers pings behind a Close frame")) this.#send(10, payload);
  }

  #fail(code: number): void {
    const given = this.#has("fails connections with 1000")
      ? 1000
      : this.#has("fails what is not UTF-8 with 1003") && code === 1007
        ? 1003
        : code;
    this.#send(8, Buffer.of(given >> 8, given & 0xff));
    this.#end("keeps TCP after it has failed");
  }

  #end(keeping: Parameters<Has>[0]): void {
    this.#hasClosed = true;
    if (this.#has(keeping)) return;
    // What came with the last frame may be answered still, by a server that should not.
    queueMicrotask(() => this.#socket.end());
  }

  #receiveFrame(frame: Frame): void {
    const { opcode, payload } = frame;
    if (opcode === 8) this.#receiveClose(payload);
    else if (opcode === 9) this.#receivePing(payload);
    else if (opcode === 10) {
      if (this.#has("answers pongs")) this.#send(10, payload);
    } else if (opcode < 3) this.#receiveData(frame);
  }

  #receivePing(payload: Buffer): void {
    const has = this.#has;
    if (has("does not answer pings")) return;
    if (has("joins pings into messages")) this.#open?.parts.push(payload);
    let answer = payload;
    if (has("answers pings with another payload")) answer = Buffer.from("pong");
    if (has("answers pings without their payload")) answer = Buffer.alloc(0);
    if (has("cuts pongs at 124 octets")) answer = payload.subarray(0, 124);
    if (has("takes the payload of pings for a text")) answer = Buffer.from(payload.toString());
    this.#pings.push(answer);
    if (has("answers pings twice")) this.#pings.push(answer);
    if (!has("answers only the newest ping") && !has("answers pings in the wrong order")) {
      this.#answerPings();
    }
    if (has("takes a ping for the end of a message")) this.#complete();
  }

  #answerPings(): void {
    const pings = this.#pings.splice(0);
    if (this.#has("answers pings in the wrong order")) pings.reverse();
    const answered = this.#has("answers only the newest ping") ? pings.slice(-1) : pings;
    for (const payload of answered) this.#send(10, payload);
  }

  #receiveClose(payload: Buffer): void {
    const has = this.#has;
    this.#answerPings();
    const code = payload.length >= 2 ? payload.readUInt16BE() : undefined;
    const reason = payload.subarray(2);
    if (payload.length === 1 && !has("accepts a Close frame of one octet"))
      throw new Violation(1002);
    if (code !== undefined && !isCode(code, has)) throw new Violation(1002);
    if (this.#checkUtf8(reason) !== "whole" && !has("accepts a reason that is not UTF-8")) {
      throw new Violation(1007);
    }
    let answer = payload;
    if (has("answers every Close frame with 1001")) answer = Buffer.of(0x03, 0xe9);
    if (has("answers Close frames with 1005")) answer = Buffer.of(0x03, 0xed);
    if (has("answers Close frames with 1006")) answer = Buffer.of(0x03, 0xee);
    if (has("answers a Close frame without a code with 1005") && code === undefined) {
      answer = Buffer.of(0x03, 0xed);
    }
    if (has("answers Close frames with half a code")) answer = Buffer.of(0x03);
    if (!has("does not answer Close frames")) this.#send(8, answer);
    if (has("sends a text behind its Close frame")) this.#send(1, Buffer.from("late"));
    this.#end("keeps TCP after the closing handshake");
  }

  #receiveData(frame: Frame): void {
    const has = this.#has;
    const { fin, rsv, payload } = frame;
    let { opcode } = frame;
    if (opcode === 0 && this.#open === undefined) {
      if (has("ignores a continuation of nothing")) return;
      if (!has("takes a continuation of nothing for a text")) throw new Violation(1002);
      opcode = 1;
    }
    if (opcode !== 0 && this.#open !== undefined) {
      if (!has("takes a new message for a continuation")) throw new Violation(1002);
      opcode = 0;
    }
    if (opcode !== 0) this.#open = { opcode, isCompressed: (rsv & 4) !== 0, parts: [] };
    const open = this.#open as Open;
    const isDropped =
      (fin && opcode === 0 && has("forgets the last fragment")) ||
      (!fin && opcode !== 0 && has("forgets the first fragment"));
    if (!isDropped) open.parts.push(payload);
    if (has("turns the order of fragments")) open.parts.unshift(open.parts.pop() as Buffer);
    if (payload.length === 0 && opcode === 0 && has("ignores empty fragments")) return;
    if (!fin && !open.isCompressed && has("checks UTF-8 fragment by fragment")) {
      if (open.opcode === 1 && this.#checkUtf8(payload) !== "whole") throw new Violation(1007);
    }
    if (fin) this.#complete();
  }

  #complete(): void {
    const has = this.#has;
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    let content: Buffer = Buffer.concat(open.parts);
    const { isCompressed } = open;
    if (isCompressed || has("inflates every message")) {
      content = this.#codec?.inflate(content, open.parts) ?? content;
    }
    const isUnchecked = isCompressed && has("does not check compressed texts");
    if (open.opcode === 1 && !isUnchecked && this.#checkUtf8(content) !== "whole") {
      throw new Violation(1007);
    }
    this.#echo(open.opcode, content);
  }

  #echo(opcode: number, content: Buffer): void {
    const has = this.#has;
    const { length } = content;
    if (length === 0 && has("does not echo empty messages")) return;
    if (length === 65_536 && has("loses messages of 65,536 octets")) return;
    if (length > 65_535 && has("cuts messages at 65,535 octets"))
      content = content.subarray(0, 65_535);
    if (length > 50_000 && has("changes one octet of a large message")) {
      content = Buffer.from(content);
      content[50_000] = (content[50_000] as number) ^ 1;
    }
    this.#answerPings();
    if (!this.#isFirst && has("echoes only the first message")) return;
    this.#isFirst = false;
    const type = has("echoes binary messages as texts")
      ? 1
      : has("echoes texts as binary messages")
        ? 2
        : opcode;
    this.#sendMessage(type, content);
    if (has("echoes twice")) this.#sendMessage(type, content);
    if (has("sends a pong behind every message")) this.#send(10, Buffer.alloc(0));
  }

  #sendMessage(opcode: number, content: Buffer): void {
    if (this.#has("echoes in two fragments, both with FIN")) {
      const half = content.length >> 1;
      this.#send(opcode, content.subarray(0, half));
      this.#send(0, content.subarray(half));
    } else if (this.#codec === undefined) this.#send(opcode, content);
    else {
      const rsv = this.#has("compresses without RSV1") ? 0 : 4;
      this.#send(opcode, this.#codec.deflate(content), rsv);
    }
  }

  #send(opcode: number, payload: Buffer, rsv: number = 0): void {
    const { length } = payload;
    const has = this.#has;
    const mask = has("masks its frames") ? 0x80 : 0;
    const first = 0x80 | (rsv << 4) | opcode;
    const mostShort = has("writes a length of 126 in seven bits") ? 126 : 125;
    const most16 = has("writes a length of 65,535 in 64 bits") ? 65_534 : 65_535;
    let header: Buffer;
    if (length <= mostShort && !(length === 125 && has("writes a length of 125 in 16 bits"))) {
      header = Buffer.of(first, mask | length);
    } else if (length <= most16) {
      const written = has("writes lengths in the wrong order of octets")
        ? ((length & 0xff) << 8) | (length >> 8)
        : length;
      header = Buffer.of(first, mask | 126, written >> 8, written & 0xff);
    } else {
      header = Buffer.alloc(10);
      header[0] = first;
      header[1] = mask | 127;
      header.writeBigUInt64BE(BigInt(length), 2);
    }
    const key = mask === 0 ? Buffer.alloc(0) : Buffer.alloc(4);
    if (this.#socket.writable) this.#socket.write(Buffer.concat([header, key, payload]));
  }

  /** What can't become UTF-8 any more fails the connection before the message is whole. */
  #checkEarly(): void {
    if (this.#has("checks UTF-8 only at the end of messages") || this.#hasClosed) return;
    const partial = this.#frames.partial;
    const opcode = this.#open?.opcode ?? partial?.opcode;
    const isCompressed = this.#open?.isCompressed ?? (partial?.rsv ?? 0) !== 0;
    if (opcode !== 1 || isCompressed || this.#has("joins pings into messages")) return;
    const isData = partial !== undefined && partial.opcode < 3;
    const begun = [...(this.#open?.parts ?? []), ...(isData ? [partial.payload] : [])];
    if (begun.reduce((sum, { length }) => sum + length, 0) > maxLiveCheck) return;
    if (this.#checkUtf8(Buffer.concat(begun)) === "wrong") throw new Violation(1007);
  }

  #checkUtf8(octets: Buffer): "whole" | "begun" | "wrong" {
    const has = this.#has;
    if (has("does not check UTF-8")) return "whole";
    const verdict = checkUtf8(octets, {
      surrogates: has("accepts surrogates"),
      overlong: has("accepts overlong UTF-8"),
      beyond: has("accepts characters beyond U+10FFFF"),
    });
    return verdict === "begun" && has("accepts a text that ends within a character")
      ? "whole"
      : verdict;
  }
}

function isCode(code: number, has: Has): boolean {
  if (has("accepts every close code")) return true;
  if (code === 1004) return has("accepts the close code 1004");
  if (code === 1005 || code === 1006) return has("accepts the close codes 1005 and 1006");
  if (code === 1015) return has("accepts the close code 1015");
  if (code === 999) return has("accepts the close code 999");
  if (code >= 1012 && code <= 1014) return !has("does not know the close codes 1012 to 1014");
  if (code >= 1016 && code < 3000) return has("accepts close codes up to 2999");
  if (code >= 3000 && code < 5000) return !has("does not know close codes from 3000");
  return code >= 1000 && code < 1012;
}
