// The memory that synchronous work puts its output in before it is copied out exactly sized: one block
// for the process, which nobody holds on to past the call.

import type { Buffer } from "node:buffer";
import { allocate } from "../memory.ts";

/** What is inflated synchronously is shorter than this, and what is deflated far shorter. */
export const scratchBytes: number = 64 * 1024;

let block: Uint8Array | undefined;

/** The block; its content is anybody's. */
export function scratch(): Uint8Array {
  block ??= new Uint8Array(scratchBytes);
  return block;
}

/** A copy of what the block begins with: a Buffer, as all that is delivered. */
export function takeFromScratch(length: number): Buffer {
  const copy = allocate(length);
  copy.set(scratch().subarray(0, length));
  return copy;
}

/** A copy of a list of pieces as one, in memory of exactly its size. */
export function join(pieces: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const whole = allocate(length);
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
