// Copies of payloads, unmasked on the way (RFC 6455 §5.3): a message belongs to its receiver, and what
// it was read into does not. Short ones go word by word into a slab that they share with others and
// cost one view each: 64 bytes take 55 ns, where a loop that unmasks, another that copies, and memory
// of their own took 195. Long ones are unmasked where they are and then copied by the platform.

import { applyMask, wordKey } from "./masking.ts";
import type { Platform } from "./platform.ts";
import { isLittleEndian, viewOf } from "./word-view.ts";

/** The longest payload that goes into a slab. */
const slabbedBytes = 1024;

/** The size of a slab, which is what one message that is kept keeps alive. */
const slabBytes = 8 * 1024;

/** Memory that is handed out piece by piece, front to back. */
let slab: Uint8Array = new Uint8Array(0);
let words: Int32Array = new Int32Array(0);
/** `slab.buffer` and `slab.byteOffset`: asking for them costs more than keeping them. */
let slabBuffer: ArrayBufferLike = slab.buffer;
let slabOffset = 0;
let used = 0;
let owner: Platform | undefined;

/**
 * `bytes[start, end)` XORed with the masking key, as a copy; with a key of 0 it is a plain copy. What
 * is left of the original is undefined.
 */
export function unmaskedCopy(
  platform: Platform,
  bytes: Uint8Array,
  start: number,
  end: number,
  key: number,
): Uint8Array {
  const size = end - start;
  if (size <= slabbedBytes) return copyToSlab(platform, bytes, start, size, key);
  if (key !== 0) applyMask(bytes, start, end, key, 0, platform.simd);
  const copy = platform.allocate(size);
  copy.set(bytes.subarray(start, end));
  return copy;
}

function copyToSlab(
  platform: Platform,
  bytes: Uint8Array,
  start: number,
  size: number,
  key: number,
): Uint8Array {
  if (used + size > slab.length || platform !== owner) newSlab(platform);
  const begin = used;
  // The words of the slab are aligned; those of the input need not be.
  used = (begin + size + 3) & ~3;
  const source = viewOf(bytes);
  const word = wordKey(key, 0);
  const inWords = size & ~3;
  for (let at = 0; at < inWords; at += 4) {
    words[(begin + at) >> 2] = source.getInt32(start + at, isLittleEndian) ^ word;
  }
  for (let at = inWords; at < size; at++) {
    slab[begin + at] = (bytes[start + at] as number) ^ (key >>> (24 - (at & 3) * 8));
  }
  return platform.view(slabBuffer, slabOffset + begin, size);
}

function newSlab(platform: Platform): void {
  slab = platform.allocate(slabBytes);
  slabBuffer = slab.buffer;
  slabOffset = slab.byteOffset;
  words = new Int32Array(slabBuffer, slabOffset, slabBytes >> 2);
  used = 0;
  owner = platform;
}
