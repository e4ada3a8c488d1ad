// Inflates by documented means only: small payloads synchronously where handles can't be used, and large
// ones in zlib's threads. Both make a zlib stream per segment, whose `dictionary` is the window.

import { constants, createInflateRaw, type InflateRaw, inflateRawSync } from "node:zlib";
import { closing, type Segment } from "./inflation.ts";
import { join } from "./scratch.ts";

/**
 * Inflates to the end of the input and its tail, or of the first final block.
 *
 * @param limit bytes of output
 * @returns undefined when there is more output
 * @throws when the input is no DEFLATE data
 */
export function inflateByCall(
  input: Uint8Array,
  window: Uint8Array | undefined,
  limit: number,
): Segment | undefined {
  try {
    const { buffer, engine } = inflateRawSync(join([input, closing]), {
      ...(window && { dictionary: window }),
      finishFlush: constants.Z_SYNC_FLUSH,
      // The least that Node takes.
      maxOutputLength: Math.max(1, limit),
      info: true,
    }) as unknown as { buffer: Uint8Array; engine: InflateRaw };
    if (buffer.length > limit) return undefined;
    return { content: join([buffer]), consumed: engine.bytesWritten };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") return undefined;
    throw error;
  }
}

/**
 * Bytes of output per turn in the threads, which is what is held beyond the limit. For 1 MiB of JSON the
 * turns cost the event loop 0.2 ms, with 32 KiB 0.45 ms, and with 16 KiB 1.4 ms, which is more than
 * inflating it there (0.8).
 */
const chunkBytes = 63 * 1024;

/** The same in zlib's threads. */
export class InflateRun {
  readonly #stream: InflateRaw;
  readonly segment: Promise<Segment | undefined>;

  constructor(input: Uint8Array, window: Uint8Array | undefined, limit: number) {
    const stream = createInflateRaw({
      ...(window && { dictionary: window }),
      finishFlush: constants.Z_SYNC_FLUSH,
      chunkSize: chunkBytes,
    });
    this.#stream = stream;
    this.segment = new Promise((resolve, reject) => {
      const chunks: Uint8Array[] = [];
      let room = limit;
      stream.on("data", (chunk: Uint8Array) => {
        room -= chunk.length;
        chunks.push(chunk);
        if (room >= 0) return;
        stream.destroy();
        resolve(undefined);
      });
      stream.on("end", () => {
        stream.destroy();
        resolve({ content: join(chunks), consumed: stream.bytesWritten });
      });
      stream.on("error", reject);
    });
    stream.write(input);
    stream.end(closing);
  }

  /** Ends it; the promise never settles. */
  close(): void {
    this.#stream.destroy();
  }
}
