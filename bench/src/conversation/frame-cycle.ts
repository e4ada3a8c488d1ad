// The messages of a load, over and over: frames one behind the other, so that any few of them in a row
// are one piece of memory and one write.

import { Buffer } from "node:buffer";

export class FrameCycle {
  /** How many frames until they begin again. */
  readonly length: number;
  readonly #bytes: Buffer;
  /** Where each frame begins, and where the last one ends. */
  readonly #offsets: readonly number[];

  /** @param most how many are taken at once at most */
  constructor(frames: readonly Buffer[], most: number) {
    this.length = frames.length;
    const row = Array.from({ length: frames.length + most }, (_, i) => frames[i % frames.length]);
    this.#bytes = Buffer.concat(row as Buffer[]);
    let end = 0;
    this.#offsets = [0, ...row.map((frame) => (end += (frame as Buffer).length))];
  }

  /** The `count` frames that follow on the first `position` ones. */
  take(position: number, count: number): Buffer {
    const first = position % this.length;
    return this.#bytes.subarray(this.#offsets[first], this.#offsets[first + count]);
  }
}
