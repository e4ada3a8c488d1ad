// DEFLATE on node:zlib: which of this folder's ways a direction of a connection takes, and what it holds.
// Without context takeover that is next to nothing; with it the inflater holds its history and the
// deflater a zlib stream.

import type {
  DeflateEngine,
  DeflateParameters,
  Deflater,
  Inflater,
} from "../../protocol/deflate/engine.ts";
import { checkInteger } from "../check-option.ts";
import { SharedDeflater } from "./deflate-shared.ts";
import { deflateChunkBytes } from "./deflate-stream.ts";
import { TakeoverDeflater } from "./deflate-takeover.ts";
import { ZlibInflater } from "./inflater.ts";
import { handlesWork } from "./zlib-handle.ts";

/** What zlib is asked to spend on compressing. */
export interface ZlibOptions {
  /**
   * zlib's compression level, 0 (none) to 9. Default 1: 4 KiB of JSON in 24 µs to 29.6%, where 3 takes
   * 25 to 28.9% and 6 takes 37 to 27.8%.
   */
  readonly level?: number;
  /**
   * zlib's memLevel, 1 to 9. Default 7: 1 KiB takes 8% longer with 8, and 16 KiB 30% longer with 5.
   */
  readonly memLevel?: number;
}

export const zlibDefaults: Required<ZlibOptions> = { level: 1, memLevel: 7 };

/** zlib takes 8 for 9 when it deflates. */
const minDeflateWindowBits = 9;

/** The objects of one direction. */
const objectBytes = 256;

/**
 * Node's zlib stream with all that belongs to it. So told, 1,000 deflaters take what is said once they had
 * large contents (RSS: 143 KiB each of 142 with 12 bits, 255 of 254 with 15), and before 35 KiB less.
 */
const streamBytes = 14 * 1024;

/** The hash table of Node's zlib (Chromium's), whatever memLevel says; zlib's own may be smaller. */
const leastHashBytes = 64 * 1024;

/**
 * DEFLATE on node:zlib.
 *
 * @param handles whether zlib's handles may be used; by default where they work
 * @throws UsageError HAWSER_OPTION_INVALID
 */
export function zlibEngine(
  options: ZlibOptions = {},
  handles: boolean = handlesWork(),
): DeflateEngine {
  const level = checkInteger("level", options.level ?? zlibDefaults.level, 0, 9);
  const memLevel = checkInteger("memLevel", options.memLevel ?? zlibDefaults.memLevel, 1, 9);
  return {
    minDeflateWindowBits,
    deflaterBytes({ windowBits, takeover }: DeflateParameters): number {
      if (!takeover) return objectBytes;
      const window = 1 << (windowBits + 2);
      const hash = Math.max(leastHashBytes, 1 << (memLevel + 8));
      const pending = 1 << (memLevel + 8);
      return window + hash + pending + deflateChunkBytes + streamBytes;
    },
    inflaterBytes({ windowBits, takeover }: DeflateParameters): number {
      return takeover ? objectBytes + (1 << windowBits) : objectBytes;
    },
    deflater({ windowBits, takeover }: DeflateParameters): Deflater {
      checkInteger("windowBits", windowBits, minDeflateWindowBits, 15);
      const settings = { windowBits, level, memLevel };
      return takeover
        ? new TakeoverDeflater(settings, handles)
        : new SharedDeflater(settings, handles);
    },
    inflater(parameters: DeflateParameters): Inflater {
      checkInteger("windowBits", parameters.windowBits, 8, 15);
      return new ZlibInflater(parameters, handles);
    },
  };
}
