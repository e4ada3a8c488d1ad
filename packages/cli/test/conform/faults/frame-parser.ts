// Frames as the server of these tests reads them, with the mistakes that it may make.

import type { Has } from "./fault-list.js";

/** The peer has broken a rule. */
export class Violation extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`the connection is failed with ${code}`);
    this.code = code;
  }
}

export interface Frame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly payload: Buffer;
}

interface Header extends Omit<Frame, "payload"> {
  readonly size: number;
  readonly length: number;
  readonly key: Buffer | undefined;
}

/** No message may be longer. */
const maxOctets = 2 ** 24;

export class FrameParser {
  readonly #has: Has;
  readonly #hasDeflate: boolean;
  readonly #die: () => void;
  rest: Buffer = Buffer.alloc(0);

  constructor(has: Has, hasDeflate: boolean, die: () => void) {
    this.#has = has;
    this.#hasDeflate = hasDeflate;
    this.#die = die;
  }

  /** The frames that are there whole. */
  *push(chunk: Buffer): Generator<Frame> {
    const isForgetful = this.#has("takes what comes at once for whole frames");
    this.rest = isForgetful ? chunk : Buffer.concat([this.rest, chunk]);
    for (let header = this.#header(); header !== undefined; header = this.#header()) {
      const { size, length } = header;
      if (this.rest.length < size + length) return;
      const payload = this.#payload(header);
      this.rest = this.rest.subarray(size + length);
      yield { ...header, payload };
    }
  }

  /** What is there of the frame that is not. */
  get partial(): Frame | undefined {
    const header = this.#header();
    return header && { ...header, payload: this.#payload(header) };
  }

  #payload({ size, length, key }: Header): Buffer {
    const payload = Buffer.from(this.rest.subarray(size, size + length));
    if (key === undefined) return payload;
    for (let index = 0; index < payload.length; index++) {
      const turn =
        this.#has("starts the masking key anew after 65,536 octets") && index > 65_535
          ? index + 1
          : index;
      payload[index] = (payload[index] as number) ^ (key[turn & 3] as number);
    }
    return payload;
  }

  #header(): Header | undefined {
    const { rest } = this;
    if (rest.length < 2) return undefined;
    const [first = 0, second = 0] = rest;
    const [fin, rsv, opcode] = [first >= 0x80, (first >> 4) & 7, first & 0xf];
    const short = second & 0x7f;
    const isMasked = second >= 0x80;
    this.#checkFirst(rsv, opcode);
    if (!isMasked && !this.#has("accepts frames that are not masked")) throw new Violation(1002);
    if (opcode > 7) this.#checkControl(fin, short);
    const lengthSize = short === 126 ? 2 : short === 127 ? 8 : 0;
    const size = 2 + lengthSize + (isMasked ? 4 : 0);
    if (rest.length < size) return undefined;
    const length = this.#length(short, opcode);
    const key = isMasked ? rest.subarray(size - 4, size) : undefined;
    return { fin, rsv, opcode, size, length, key };
  }

  #checkFirst(rsv: number, opcode: number): void {
    const has = this.#has;
    const isDataStart = opcode === 1 || opcode === 2;
    const mayRsv1 =
      this.#hasDeflate &&
      (isDataStart ||
        (opcode === 0 && has("accepts RSV1 on continuations")) ||
        (opcode > 7 && has("accepts RSV1 on control frames")));
    const wrong = rsv & (mayRsv1 ? 3 : 7);
    if (wrong !== 0 && !has("ignores reserved bits")) {
      if (!(has("ignores RSV2 and RSV3") && (wrong & 4) === 0)) throw new Violation(1002);
    }
    const isKnown = opcode < 3 || (opcode > 7 && opcode < 11);
    const isIgnored =
      has("ignores unknown opcodes") ||
      (opcode === 3 && has("ignores the opcode 3")) ||
      (opcode === 11 && has("ignores the opcode 11"));
    if (!isKnown && !isIgnored) throw new Violation(1002);
  }

  #checkControl(fin: boolean, short: number): void {
    if (!fin && !this.#has("accepts fragmented control frames")) throw new Violation(1002);
    const isLong = short > 125;
    const mayBeLong =
      this.#has("accepts long control frames") ||
      this.#has("accepts the long form of a length in control frames");
    if (isLong && !mayBeLong) throw new Violation(1002);
  }

  #length(short: number, opcode: number): number {
    const { rest } = this;
    const has = this.#has;
    if (short < 126) return short;
    const isControl = opcode > 7;
    const length = short === 126 ? BigInt(rest.readUInt16BE(2)) : rest.readBigUInt64BE(2);
    const isTopBit = length >> 63n === 1n;
    if (isTopBit && !has("ignores the highest bit of a length")) throw new Violation(1002);
    const octets = length & (2n ** 63n - 1n);
    const isShortest = octets > (short === 126 ? 125n : 65_535n);
    const mayBeLong = isControl
      ? has("accepts the long form of a length in control frames")
      : has("accepts long forms of lengths") || isTopBit;
    if (!isShortest && !mayBeLong) throw new Violation(1002);
    if (isControl && octets > 125n && !has("accepts long control frames"))
      throw new Violation(1002);
    if (octets > maxOctets) {
      if (has("dies of a huge length")) this.#die();
      throw new Violation(has("fails what is too long with 1003") ? 1003 : 1009);
    }
    return Number(octets);
  }
}
