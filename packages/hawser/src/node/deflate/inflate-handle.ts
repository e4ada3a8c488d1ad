// Inflates small payloads synchronously through one zlib stream that the process keeps. What a message
// may refer to is fed first, as a stored block whose output nobody reads: 32 KiB of it cost 1.2 µs, so
// no connection needs a stream of its own. The stream is reset before every use and replaced after an
// error: nothing of one message gets to the next.

import { constants, createInflateRaw } from "node:zlib";
import { type Segment, tail } from "./inflation.ts";
import { scratch, takeFromScratch } from "./scratch.ts";
import { HandleStream } from "./zlib-handle.ts";

const { Z_BLOCK, Z_SYNC_FLUSH } = constants;

let kept: HandleStream | undefined;

/** Fed with Z_BLOCK, zlib stops at the block boundary that should follow the tail: one byte is left. */
const tailAndOne = Uint8Array.of(...tail, 0);

/**
 * Inflates to the end of the input and its tail, or of the first final block.
 *
 * @param limit bytes of output, less than the scratch memory has
 * @returns undefined when there is more output
 * @throws when the input is no DEFLATE data
 */
export function inflateByHandle(
  input: Uint8Array,
  window: Uint8Array | undefined,
  limit: number,
): Segment | undefined {
  const stream = freshStream();
  const output = scratch();
  if (window !== undefined) prime(stream, window, output);
  const end = limit + 1;
  stream.write(Z_SYNC_FLUSH, input, 0, output, 0, end);
  let { inputLeft } = stream;
  if (inputLeft === 0 && stream.outputLeft > 0) {
    stream.write(Z_BLOCK, tailAndOne, 0, output, end - stream.outputLeft, end);
    inputLeft = stream.inputLeft - tailAndOne.length;
  }
  if (stream.outputLeft === 0) return undefined;
  return {
    content: takeFromScratch(end - stream.outputLeft),
    consumed: input.length - inputLeft,
  };
}

function freshStream(): HandleStream {
  if (kept === undefined || kept.destroyed) {
    kept = new HandleStream(createInflateRaw({ chunkSize: constants.Z_MIN_CHUNK }));
  }
  kept.reset();
  return kept;
}

/** A stored block, RFC 1951 §3.2.4: the bytes as they are get into the window. */
function prime(stream: HandleStream, window: Uint8Array, output: Uint8Array): void {
  const { length } = window;
  const header = Uint8Array.of(0, length, length >> 8, ~length, ~length >> 8);
  stream.write(Z_SYNC_FLUSH, header, 0, output, 0, output.length);
  stream.write(Z_SYNC_FLUSH, window, 0, output, 0, output.length);
}
