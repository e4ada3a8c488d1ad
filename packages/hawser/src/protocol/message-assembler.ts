// The bytes of a message that has not fully arrived. They lie in blocks, whatever their split and however
// many fragments (one buffer per fragment is what made many tiny ones a denial of service elsewhere),
// until so much has come that the whole message's memory may be taken: then they move there, once.
// Invariant: at most twice the bytes that came and 64 KiB are held, and no memory on the mere promise of a
// length. Growing one buffer instead copies each byte twice and leaves as much garbage: with it an echo
// of 1 MiB costs a quarter more.

import type { Platform } from "./platform.ts";

const smallestBlock = 1024;
const largestBlock = 64 * 1024;

/** How much may be taken beyond twice what came, when the length is known. */
const advanceBytes = 64 * 1024;

/** Blocks of the largest size that are in nobody's use: warm memory for the next message. */
const spareBlocks: Uint8Array[] = [];
const mostSpareBlocks = 16;

export class MessageAssembler {
  readonly #platform: Platform;
  /** The blocks in order; all but the last are full. */
  #blocks: Uint8Array[] = [];
  /** How much of the last block is used. */
  #used = 0;
  /** The memory of the whole message, once it is taken. */
  #whole: Uint8Array | undefined;
  /** How many bytes have come. */
  byteLength = 0;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** How many bytes of memory are held. */
  get heldBytes(): number {
    return this.#blocks.reduce((sum, block) => sum + block.length, this.#whole?.length ?? 0);
  }

  /**
   * Appends `bytes[start, end)`. `total` is the size of the whole message where it is known (its last
   * frame has begun), else undefined.
   */
  append(bytes: Uint8Array, start: number, end: number, total: number | undefined): void {
    const needed = this.byteLength + end - start;
    if (this.#whole === undefined && total !== undefined && total <= 2 * needed + advanceBytes) {
      this.#whole = this.#moveTo(total);
    }
    if (this.#whole === undefined) this.#appendToBlocks(bytes, start, end);
    else this.#whole.set(bytes.subarray(start, end), this.byteLength);
    this.byteLength = needed;
  }

  /** The whole message, which is the caller's from now on; the assembler must not be used again. */
  take(): Uint8Array {
    const whole = this.#whole ?? this.#moveTo(this.byteLength);
    // Never more than what came: the rest of the memory is somebody's past.
    return whole.length === this.byteLength ? whole : whole.subarray(0, this.byteLength);
  }

  #appendToBlocks(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; ) {
      const block = this.#blockWithRoom();
      const size = Math.min(end - at, block.length - this.#used);
      block.set(bytes.subarray(at, at + size), this.#used);
      this.#used += size;
      at += size;
    }
  }

  #blockWithRoom(): Uint8Array {
    const last = this.#blocks.at(-1);
    if (last !== undefined && this.#used < last.length) return last;
    const size = last === undefined ? smallestBlock : Math.min(last.length * 2, largestBlock);
    const spare = size === largestBlock ? spareBlocks.pop() : undefined;
    const block = spare ?? this.#platform.allocate(size);
    this.#blocks.push(block);
    this.#used = 0;
    return block;
  }

  /** Moves what came to memory of that size. */
  #moveTo(size: number): Uint8Array {
    const whole = this.#platform.allocate(size);
    let at = 0;
    for (const block of this.#blocks) {
      const left = this.byteLength - at;
      whole.set(left < block.length ? block.subarray(0, left) : block, at);
      at += block.length;
      const isSpare = block.length === largestBlock && spareBlocks.length < mostSpareBlocks;
      if (isSpare) spareBlocks.push(block);
    }
    this.#blocks = [];
    return whole;
  }
}
