// The bytes of a message that has not fully arrived, joined into one growing buffer.
// Invariant: it never holds more than twice the bytes that came plus 1 KiB, whatever their split and
// however many fragments: one buffer per message, not one per fragment (what made many tiny fragments
// a denial of service elsewhere), and no memory on the promise of a length in a header.

import type { Platform } from "./platform.ts";

const smallestBuffer = 1024;

export class MessageAssembler {
  readonly #platform: Platform;
  #buffer: Uint8Array;
  /** How many bytes have come. */
  byteLength = 0;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#buffer = platform.allocate(0);
  }

  /** How many bytes of memory are held. */
  get heldBytes(): number {
    return this.#buffer.length;
  }

  /**
   * Appends `bytes[start, end)`. `total` is the size of the whole message where it is known (its last
   * frame has begun), else undefined: the buffer never grows beyond it.
   */
  append(bytes: Uint8Array, start: number, end: number, total: number | undefined): void {
    const needed = this.byteLength + end - start;
    if (needed > this.#buffer.length) {
      const roomy = Math.max(needed * 2, smallestBuffer);
      const grown = this.#platform.allocate(total === undefined ? roomy : Math.min(total, roomy));
      grown.set(this.#buffer.subarray(0, this.byteLength));
      this.#buffer = grown;
    }
    this.#buffer.set(bytes.subarray(start, end), this.byteLength);
    this.byteLength = needed;
  }

  /** The whole message, which is the caller's from now on; the assembler must not be used again. */
  take(): Uint8Array {
    const whole = this.#buffer;
    if (whole.length === this.byteLength) return whole;
    const exact = this.#platform.allocate(this.byteLength);
    exact.set(whole.subarray(0, this.byteLength));
    return exact;
  }
}
