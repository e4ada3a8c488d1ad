// Without context takeover a message depends on nothing: small ones are deflated synchronously through a
// zlib stream that the process keeps per set of settings, large ones in zlib's threads through a stream of
// their own. A connection holds nothing.

import { constants, createDeflateRaw, deflateRawSync } from "node:zlib";
import type { Deflater } from "../../protocol/deflate/engine.ts";
import { type DeflateSettings, DeflateStream } from "./deflate-stream.ts";
import { join, scratch, takeFromScratch } from "./scratch.ts";
import { HandleStream } from "./zlib-handle.ts";

/**
 * Content of at most this many bytes is deflated synchronously: 16 KiB of JSON or text take 25 to 130 µs
 * (level 1 to 6), and a thread costs the event loop 20 to 50.
 */
export const syncDeflateBytes: number = 16 * 1024;

/** Nothing, deflated: an empty stored block. zlib gives nothing at all when nothing came after a flush. */
export const emptyBlock: Uint8Array = Uint8Array.of(0, 0, 0, 0xff, 0xff);

const kept = new Map<string, HandleStream>();

/** Deflates at most `syncDeflateBytes` through a kept stream. */
export function deflateByHandle(content: Uint8Array, settings: DeflateSettings): Uint8Array {
  const { windowBits, level, memLevel } = settings;
  const key = `${windowBits} ${level} ${memLevel}`;
  let stream = kept.get(key);
  if (stream === undefined || stream.destroyed) {
    stream = new HandleStream(createDeflateRaw({ ...settings, chunkSize: constants.Z_MIN_CHUNK }));
    kept.set(key, stream);
  }
  stream.reset();
  return deflateThrough(stream, content);
}

/** Deflates at most `syncDeflateBytes` by documented means. */
export function deflateByCall(content: Uint8Array, settings: DeflateSettings): Uint8Array {
  return join([deflateRawSync(content, { ...settings, finishFlush: constants.Z_SYNC_FLUSH })]);
}

/** Deflates at most `syncDeflateBytes` as what comes next in the stream. */
export function deflateThrough(stream: HandleStream, content: Uint8Array): Uint8Array {
  const output = scratch();
  // Four times the content: DEFLATE data is never much longer than what it says.
  stream.write(constants.Z_SYNC_FLUSH, content, 0, output, 0, output.length);
  return takeFromScratch(output.length - stream.outputLeft);
}

export class SharedDeflater implements Deflater {
  readonly #settings: DeflateSettings;
  readonly #deflateNow: typeof deflateByHandle;
  #run: DeflateStream | undefined;

  constructor(settings: DeflateSettings, handles: boolean) {
    this.#settings = settings;
    this.#deflateNow = handles ? deflateByHandle : deflateByCall;
  }

  deflate(content: Uint8Array): Uint8Array | Promise<Uint8Array> {
    if (content.length === 0) return emptyBlock.slice();
    if (content.length <= syncDeflateBytes) return this.#deflateNow(content, this.#settings);
    return this.#deflateInThreads(content);
  }

  close(): void {
    this.#run?.close();
    this.#run = undefined;
  }

  async #deflateInThreads(content: Uint8Array): Promise<Uint8Array> {
    const run = new DeflateStream(this.#settings);
    this.#run = run;
    try {
      return await run.deflate(content);
    } finally {
      this.close();
    }
  }
}
