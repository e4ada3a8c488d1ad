// Memory for what users get and keep. Small pieces share a slab of 8 KiB, so that a message that is kept keeps no more
// than that alive: the pool of Buffer.allocUnsafe is as small in Node 20 and 22, and 64 KiB from Node 24 on.

import { Buffer } from "node:buffer";

const slabBytes = 8 * 1024;

/**
 * The class of the buffers that Node makes. Its constructor takes 35 ns for a view of existing memory;
 * `subarray` and `Buffer.from` check their arguments first and take 90 and 75.
 */
const NodeBuffer = (Buffer as unknown as { [Symbol.species]: BufferConstructorOfViews })[
  Symbol.species
];

type BufferConstructorOfViews = new (
  memory: ArrayBufferLike,
  offset: number,
  size: number,
) => Buffer;

let slab: ArrayBufferLike = new ArrayBuffer(0);
let used = slabBytes;

/** A view of existing memory, as a Buffer. */
export function viewAsBuffer(memory: ArrayBufferLike, offset: number, size: number): Buffer {
  return new NodeBuffer(memory, offset, size);
}

/** Memory whose content is anybody's: all of it has to be written. */
export function allocate(size: number): Buffer {
  if (size === 0 || size >= slabBytes / 2) return Buffer.allocUnsafeSlow(size);
  if (used + size > slabBytes) {
    slab = Buffer.allocUnsafeSlow(slabBytes).buffer;
    used = 0;
  }
  const start = used;
  // The next one is aligned for any typed array.
  used = (start + size + 7) & ~7;
  return new NodeBuffer(slab, start, size);
}
