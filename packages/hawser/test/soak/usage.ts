// What a process holds on to, once what was let go of is freed.

import { openDescriptors, settledMemory } from "../support/memory.ts";

/** Bytes, after full collections, and open file descriptors. */
export interface Usage {
  readonly heapBytes: number;
  /** Outside of the JavaScript heap, as V8 is told: buffers, and the windows of zlib. */
  readonly externalBytes: number;
  /** Of these, the buffers. */
  readonly arrayBufferBytes: number;
  readonly rssBytes: number;
  readonly descriptors: number;
}

export async function readUsage(): Promise<Usage> {
  await settledMemory();
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  return {
    heapBytes: heapUsed,
    externalBytes: external,
    arrayBufferBytes: arrayBuffers,
    rssBytes: rss,
    descriptors: openDescriptors(),
  };
}
