// permessage-deflate (RFC 7692): JSON messages that are compressed in advance, without context takeover,
// which is any client's right whatever was agreed. The answers depend on what the server chose, so the
// load walks from frame header to frame header; it inflates the first answer on each connection only.

import { Buffer } from "node:buffer";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import type { AnswerCounter, Conversation } from "./conversation.ts";
import { firstByte, maskedFrame } from "./frame.ts";
import { FrameCycle } from "./frame-cycle.ts";
import { upgradeRequest } from "./handshake.ts";
import { jsonTexts } from "./json.ts";
import { isUpgraded } from "./plain.ts";

/** What browsers offer. */
const offer = "permessage-deflate; client_max_window_bits";
/** What a message ends with after a flush, and what is not sent (RFC 7692 §7.2.1). */
const tail = Buffer.from("0000ffff", "hex");

export function deflatedConversation(
  peer: string,
  messageBytes: number,
  most: number,
): Conversation {
  const texts = jsonTexts(messageBytes);
  const frames = texts.map((text) => maskedFrame(firstByte.compressedText, deflate(text)));
  const known = new Set(texts);
  return {
    upgradeRequest: upgradeRequest("/", offer),
    isOpen(received) {
      if (!isUpgraded(received)) return false;
      if (/^sec-websocket-extensions: *permessage-deflate/im.test(received)) return true;
      throw new Error(`${peer} did not agree to permessage-deflate`);
    },
    requests: new FrameCycle(frames, most),
    newCounter: () =>
      new FrameCounter((first, payload) => checkAnswer(peer, known, first, payload)),
  };
}

function deflate(text: string): Buffer {
  const flushed = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH });
  return flushed.subarray(0, flushed.length - tail.length);
}

function checkAnswer(
  peer: string,
  known: ReadonlySet<string>,
  first: number,
  payload: Buffer,
): void {
  if (first !== firstByte.compressedText) {
    throw new Error(`${peer} did not answer with a compressed text: 0x${first.toString(16)}`);
  }
  const text = inflateRawSync(Buffer.concat([payload, tail]), {
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  if (known.has(text.toString())) return;
  throw new Error(`${peer} answered something else than the message`);
}

/** Counts the frames of a server, of up to 64 KiB each. */
class FrameCounter implements AnswerCounter {
  readonly #check: (firstByte: number, payload: Buffer) => void;
  /** The first frame, as far as it has come; undefined when it has been checked. */
  #firstFrame: Buffer | undefined = Buffer.alloc(0);
  readonly #header = Buffer.alloc(4);
  #headerBytes = 0;
  #payloadLeft = 0;

  constructor(check: (firstByte: number, payload: Buffer) => void) {
    this.#check = check;
  }

  count(bytes: Buffer, byteCount: number): number {
    if (this.#firstFrame !== undefined) this.#gatherFirst(bytes.subarray(0, byteCount));
    let whole = 0;
    let at = 0;
    while (at < byteCount) {
      if (this.#payloadLeft === 0 && !this.#takeHeaderByte(bytes[at++] as number)) continue;
      const skipped = Math.min(this.#payloadLeft, byteCount - at);
      at += skipped;
      this.#payloadLeft -= skipped;
      if (this.#payloadLeft === 0) whole++;
    }
    return whole;
  }

  /** Whether the header is whole with it. */
  #takeHeaderByte(byte: number): boolean {
    this.#header[this.#headerBytes++] = byte;
    if (this.#headerBytes < 2) return false;
    const length = this.#header[1] as number;
    if (length > 126) throw new Error("a frame of over 64 KiB, or one that is masked");
    if (length === 126 && this.#headerBytes < 4) return false;
    this.#payloadLeft = length === 126 ? this.#header.readUInt16BE(2) : length;
    this.#headerBytes = 0;
    return true;
  }

  #gatherFirst(bytes: Buffer): void {
    const frame = Buffer.concat([this.#firstFrame as Buffer, bytes]);
    this.#firstFrame = frame;
    if (frame.length < 4) return;
    const isShort = (frame[1] as number) < 126;
    const start = isShort ? 2 : 4;
    const end = start + (isShort ? (frame[1] as number) : frame.readUInt16BE(2));
    if (frame.length < end) return;
    this.#firstFrame = undefined;
    this.#check(frame[0] as number, frame.subarray(start, end));
  }
}
