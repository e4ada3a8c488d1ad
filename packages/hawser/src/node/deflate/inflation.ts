// A message on its way through the inflater. A DEFLATE stream ends with a block whose BFINAL is set, but
// a message need not end there: RFC 7692 §7.2.1 allows such blocks anywhere in it. So a message is a row
// of segments, each one DEFLATE stream with the window of what came before, and the last one is left open
// at a block boundary: that the payload and 00 00 ff ff end at one is checked here, for all paths.

import { History } from "./history.ts";
import { join } from "./scratch.ts";

/** The payload's missing end, RFC 7692 §7.2.2. */
export const tail: Uint8Array = Uint8Array.of(0, 0, 0xff, 0xff);

/**
 * To be fed behind a payload: its tail, and an empty block with BFINAL set that makes zlib end and leave
 * the last byte over, if the tail did end at a block boundary.
 */
export const closing: Uint8Array = Uint8Array.of(...tail, 1, 0, 0, 0xff, 0xff, 0);

const closedAt = closing.length - 1;

/** What came of feeding a payload (or its rest) to a fresh zlib stream. */
export interface Segment {
  readonly content: Uint8Array;
  /** Bytes consumed of the payload and what was fed behind it. */
  readonly consumed: number;
}

/** Blocks with BFINAL set in one message: who flushes with them needs one; each costs a new window. */
const maxFinalBlocks = 256;

/** zlib's largest window, in bytes. */
const maxWindowBytes = 32 * 1024;

export class Inflation {
  /** What is to be inflated of the payload. */
  rest: Uint8Array;
  /** Bytes of content that may still come. */
  room: number;
  #window: History | undefined;
  #windowIsOwn = false;
  readonly #pieces: Uint8Array[] = [];

  /** @param history what messages before left in the window, if anything; it is not changed */
  constructor(payload: Uint8Array, history: History | undefined, limit: number) {
    this.rest = payload;
    this.room = limit;
    this.#window = history;
  }

  /** What blocks of the next segment may refer to. */
  get window(): Uint8Array | undefined {
    const window = this.#window?.bytes;
    return window?.length ? window : undefined;
  }

  /**
   * Takes the next segment; gives the content when it was the last.
   *
   * @throws Error when the payload ended inside a block
   */
  accept({ content, consumed }: Segment): Uint8Array | undefined {
    this.#pieces.push(content);
    const behind = consumed - this.rest.length;
    if (behind >= 0) {
      // Ended by a final block that nothing follows, open at the end of the tail, or closed by us.
      if (behind !== 0 && behind !== tail.length && behind !== closedAt) {
        throw new Error("the payload ends inside a DEFLATE block");
      }
      return this.#pieces.length === 1 ? content : join(this.#pieces);
    }
    if (this.#pieces.length >= maxFinalBlocks) {
      throw new Error(`the payload has more than ${maxFinalBlocks} final DEFLATE blocks`);
    }
    this.rest = this.rest.subarray(consumed);
    this.room -= content.length;
    this.#extendWindow(content);
    return undefined;
  }

  #extendWindow(content: Uint8Array): void {
    if (!this.#windowIsOwn) {
      this.#window = this.#window?.clone() ?? new History(maxWindowBytes);
      this.#windowIsOwn = true;
    }
    this.#window?.append(content);
  }
}
