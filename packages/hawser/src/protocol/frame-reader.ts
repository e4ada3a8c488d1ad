// Bytes in, frames found: the input of a receiver and the headers of frames (RFC 6455 §5.2), which may stop after
// any byte. What a payload is, and which frames may come, the receiver knows, which extends this.

import { violation } from "./fault.ts";
import { finBit, maskBit, maxHeaderBytes, opcodeBits } from "./frame-header.ts";
import { applyMask } from "./masking.ts";
import { isControlOpcode } from "./opcode.ts";
import type { Platform } from "./platform.ts";
import type { Role } from "./role.ts";
import { unmaskedCopy } from "./unmasked-copy.ts";

/** What a receiver needs to know; one object serves all connections of a server. */
export interface ReceiverOptions {
  readonly role: Role;
  readonly platform: Platform;
  /**
   * The largest message, in bytes; past it the connection fails with 1009. The payload of a compressed
   * one, which may be longer than its content, has an eighth and 64 bytes more.
   */
  readonly maxMessageBytes: number;
  /** The most fragments of a message, empty ones too; past it the connection fails with 1008. */
  readonly maxFragments: number;
  /**
   * Deliver binary messages that lie whole in the input as views into it, valid only until the
   * next call, instead of copies.
   */
  readonly binaryViews: boolean;
  /** Deliver texts as their bytes. Default false. */
  readonly textsAsBytes?: boolean;
  /** False takes lengths in any form, and refuses only those past `maxMessageBytes`. Default true. */
  readonly checksLengths?: boolean;
  /** Whether to tell where fragments end: see `Receiver.fragmentEnds`. Default false. */
  readonly notesFragments?: boolean;
  /** False takes texts and reasons that are no UTF-8 for what they are. Default true. */
  readonly checksUtf8?: boolean;
}

export const noBytes: Uint8Array = new Uint8Array(0);

export abstract class FrameReader {
  protected options: ReceiverOptions;
  /** Whether an extension gives RSV1 on the first frame of a message a meaning. */
  protected rsv1Allowed: boolean;

  /** What is being read: `input[position, end)` is left of it. */
  protected input: Uint8Array = noBytes;
  protected position = 0;
  protected end = 0;
  /** Further input, while `input` is not used up. */
  #waiting: Uint8Array[] | undefined;

  /** A header that was cut off by the end of the input. */
  #partialHeader: Uint8Array | undefined;
  #partialHeaderBytes = 0;

  // The frame that is being read; no frame when opcode is -1.
  protected opcode = -1;
  protected fin = false;
  protected key = 0;
  protected payloadBytes = 0;
  protected remaining = 0;

  constructor(options: ReceiverOptions, rsv1Allowed: boolean) {
    this.options = options;
    this.rsv1Allowed = rsv1Allowed;
  }

  /** From now on reads for another connection; everything of the last one has been cleared. */
  serve(options: ReceiverOptions, rsv1Allowed: boolean): void {
    this.options = options;
    this.rsv1Allowed = rsv1Allowed;
  }

  /** The rules that the first two bytes of a frame can break. @throws ProtocolError */
  protected abstract checkFirstBytes(first: number, second: number): void;
  /** @throws LimitError for a message that would have too many bytes with this frame */
  protected abstract checkMessageSize(opcode: number, first: number, frameBytes: number): void;
  /** The header of a data frame was read. @throws LimitError */
  protected abstract beginDataFrame(opcode: number, first: number): void;

  /**
   * Takes input, `bytes[0, end)`, which the receiver unmasks in place. It is borrowed until `keep`.
   */
  feed(bytes: Uint8Array, end: number = bytes.length): void {
    if (end === 0) return;
    // Also where one piece is used up and the next has not been begun.
    if (this.position < this.end || this.#waiting !== undefined) {
      (this.#waiting ??= []).push(this.copy(bytes, 0, end));
      return;
    }
    this.input = bytes;
    this.position = 0;
    this.end = end;
  }

  /** What was fed goes back to its owner: what is left of it is copied, unless it was copied before. */
  keep(fed: Uint8Array): void {
    if (this.input !== fed) return;
    this.input = this.copy(this.input, this.position, this.end);
    this.position = 0;
    this.end = this.input.length;
  }

  /** Bytes of input that were not read yet. */
  get unreadBytes(): number {
    let bytes = this.end - this.position;
    for (const waiting of this.#waiting ?? []) bytes += waiting.length;
    return bytes;
  }

  /** How much of its payload has been read of a frame that is not complete; 0 when none of that is there. */
  get unfinishedFrameBytes(): number {
    return this.opcode < 0 ? 0 : this.payloadBytes - this.remaining;
  }

  /** Whether it is in the middle of no frame, and all input was read. */
  protected get isBetweenFrames(): boolean {
    const isReading = this.opcode >= 0 || this.#partialHeader !== undefined;
    return !isReading && this.position >= this.end && this.#waiting === undefined;
  }

  /** Forgets all input, and lets go of its memory. */
  protected clearInput(): void {
    this.input = noBytes;
    this.position = 0;
    this.end = 0;
    this.#waiting = undefined;
    this.#partialHeader = undefined;
    this.opcode = -1;
    this.key = 0;
  }

  protected nextInput(): boolean {
    // Letting go of what is used up matters: an idle connection must not keep a read buffer alive.
    this.input = this.#waiting?.shift() ?? noBytes;
    this.position = 0;
    this.end = this.input.length;
    if (this.#waiting?.length === 0) this.#waiting = undefined;
    return this.input.length > 0;
  }

  /** Reads a frame's header; false when the input ended before it did. */
  protected readHeader(): boolean {
    if (this.#partialHeader !== undefined) return this.#completeHeader(this.#partialHeader);
    const size = this.#parseHeader(this.input, this.position, this.end);
    if (size > 0) {
      this.position += size;
      return true;
    }
    const partial = new Uint8Array(maxHeaderBytes);
    partial.set(this.input.subarray(this.position, this.end));
    this.#partialHeader = partial;
    this.#partialHeaderBytes = this.end - this.position;
    this.position = this.end;
    return false;
  }

  /** Goes on with a header that was cut off, byte by byte: it ends within 13 more. */
  #completeHeader(partial: Uint8Array): boolean {
    while (this.position < this.end) {
      partial[this.#partialHeaderBytes++] = this.input[this.position++] as number;
      if (this.#parseHeader(partial, 0, this.#partialHeaderBytes) > 0) {
        this.#partialHeader = undefined;
        return true;
      }
    }
    return false;
  }

  /**
   * Reads the header in `bytes[offset, end)` and checks it as far as it is there. Returns its size,
   * or 0 when it is not complete.
   */
  #parseHeader(bytes: Uint8Array, offset: number, end: number): number {
    if (end - offset < 2) return 0;
    const first = bytes[offset] as number;
    const second = bytes[offset + 1] as number;
    this.checkFirstBytes(first, second);
    let at = offset + 2;
    let length = second & 0x7f;
    if (length >= 126) {
      const lengthEnd = at + (length === 126 ? 2 : 8);
      if (lengthEnd > end) return 0;
      const isStrict = this.options.checksLengths !== false;
      length =
        length === 126 ? readLength16(bytes, at, isStrict) : readLength64(bytes, at, isStrict);
      at = lengthEnd;
    }
    const opcode = first & opcodeBits;
    if (!isControlOpcode(opcode)) this.checkMessageSize(opcode, first, length);
    if (second >= maskBit) {
      if (at + 4 > end) return 0;
      this.key = readUint32(bytes, at);
      at += 4;
    }
    this.opcode = opcode;
    this.fin = first >= finBit;
    this.payloadBytes = length;
    this.remaining = length;
    if (!isControlOpcode(opcode)) this.beginDataFrame(opcode, first);
    return at - offset;
  }

  protected unmask(start: number, end: number): void {
    if (this.options.role === "client") return;
    const phase = this.payloadBytes - this.remaining;
    applyMask(this.input, start, end, this.key, phase, this.options.platform.simd);
  }

  protected copy(bytes: Uint8Array, start: number, end: number): Uint8Array {
    return unmaskedCopy(this.options.platform, bytes, start, end, 0);
  }
}

export function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (readUint16(bytes, at) << 16) | readUint16(bytes, at + 2);
}

/** "The minimal number of bytes MUST be used to encode the length", RFC 6455 §5.2. */
function readLength16(bytes: Uint8Array, at: number, isStrict: boolean): number {
  const length = readUint16(bytes, at);
  if (length < 126 && isStrict) throw violation("HAWSER_LENGTH_NOT_MINIMAL");
  return length;
}

/** Lengths beyond 2^53 lose their last digits, which no limit can tell from each other. */
function readLength64(bytes: Uint8Array, at: number, isStrict: boolean): number {
  if ((bytes[at] as number) >= 0x80 && isStrict) throw violation("HAWSER_LENGTH_TOP_BIT");
  const length = (readUint32(bytes, at) >>> 0) * 0x100000000 + (readUint32(bytes, at + 4) >>> 0);
  if (length < 0x10000 && isStrict) throw violation("HAWSER_LENGTH_NOT_MINIMAL");
  return length;
}
