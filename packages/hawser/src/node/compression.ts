// The option `compression`: what users say about permessage-deflate (RFC 7692), and the negotiator that
// a server or a client gets from it.

import {
  CompressionBudget,
  DeflateNegotiator,
  type ExtensionNegotiator,
} from "../protocol/index.ts";
import { zlibDefaults, zlibEngine } from "./deflate/engine.ts";
import { checkInteger, optionError } from "./check-option.ts";

/** How messages are compressed. */
export interface CompressionOptions {
  /**
   * "shared" compresses each message by itself: next to no memory per connection, and a publication is
   * compressed once for all. "dedicated" goes on with what was sent before, in both directions: small
   * messages that resemble each other become smaller, for the memory of a window each. Default
   * "shared".
   */
  readonly mode?: "shared" | "dedicated";
  /** Messages of fewer bytes are sent as they are. Default 1,024. */
  readonly thresholdBytes?: number;
  /**
   * The largest window as a power of two, 9 to 15; the other end may ask for a smaller one. Default 15
   * when shared; 12 when dedicated, where it costs memory: 142 KiB per connection with 12, 254 with 15.
   */
  readonly windowBits?: number;
  /** zlib's compression level, from 0, none, to 9, slowest. Default 1. */
  readonly level?: number;
  /** zlib's memLevel, 1 to 9. Default 7. */
  readonly memLevel?: number;
}

/** The windows' default size, as a power of two. */
const defaultWindowBits = { shared: 15, dedicated: 12 } as const;

/**
 * The extensions to negotiate: permessage-deflate, or none.
 *
 * @param maxMemoryBytes what the windows of all connections may hold together
 * @throws UsageError HAWSER_OPTION_INVALID
 */
export function compressionFor(
  compression: boolean | CompressionOptions | undefined,
  maxMemoryBytes: number,
): readonly ExtensionNegotiator[] {
  if (compression === undefined || compression === false) return [];
  if (compression !== true && (typeof compression !== "object" || compression === null)) {
    throw optionError("compression", compression, "true, false or an object");
  }
  const {
    mode = "shared",
    thresholdBytes = 1024,
    windowBits,
    level = zlibDefaults.level,
    memLevel = zlibDefaults.memLevel,
  }: CompressionOptions = compression === true ? {} : compression;
  if (mode !== "shared" && mode !== "dedicated") {
    throw optionError("compression.mode", mode, '"shared" or "dedicated"');
  }
  const settings = {
    mode,
    minBytes: checkInteger(
      "compression.thresholdBytes",
      thresholdBytes,
      0,
      Number.MAX_SAFE_INTEGER,
    ),
    windowBits: checkInteger(
      "compression.windowBits",
      windowBits ?? defaultWindowBits[mode],
      9,
      15,
    ),
  };
  const engine = zlibEngine({
    level: checkInteger("compression.level", level, 0, 9),
    memLevel: checkInteger("compression.memLevel", memLevel, 1, 9),
  });
  return [new DeflateNegotiator(engine, settings, new CompressionBudget(maxMemoryBytes))];
}
