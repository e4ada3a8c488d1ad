// Every option of a connection with its default, in one place. Each has a bound by default: no queue,
// wait or count of a connection is without a limit (docs/explanation/defaults.md says why each is what
// it is).

import { checkInteger, maxDelayMs, optionError } from "./check-option.ts";
import type { CompressionOptions } from "./compression.ts";

/** What happens to a message once more is queued than `maxQueuedBytes`. */
export type OverflowPolicy =
  /** The connection closes with 1013. */
  | "close"
  /** The message is dropped; `send` returns false. */
  | "drop"
  /** A message with a `key` replaces the queued one with that key; others act as "close". */
  | "latest";

/** The options that every connection has, of a server or a client. */
export interface ConnectionOptions {
  /** The largest message in bytes, after decompression; past it 1009. Default 1 MiB; client 64 MiB. */
  readonly maxMessageBytes?: number;
  /** The most fragments of one message, empty ones too; past it 1008. Default 8,192. */
  readonly maxFragments?: number;
  /** Bytes queued from which on `send` returns false, until `drain`; at most `maxQueuedBytes`. Default 64 KiB. */
  readonly highWaterBytes?: number;
  /**
   * Bytes queued at most; past it `overflow` decides. Default 1 MiB. One message that is larger is
   * let through when nothing else is queued.
   */
  readonly maxQueuedBytes?: number;
  /** What happens past `maxQueuedBytes`. Default "close". */
  readonly overflow?: OverflowPolicy;
  /** Milliseconds without a byte from the peer after which it is pinged. Default 25,000; 0: never. */
  readonly pingIntervalMs?: number;
  /** Milliseconds after that ping within which a byte must come. Default 8,000. */
  readonly pongTimeoutMs?: number;
  /** Milliseconds that the peer has to answer a Close frame and end TCP. Default 5,000. */
  readonly closeTimeoutMs?: number;
  /** The most topics that one connection may be subscribed to. Default 1,024. */
  readonly maxSubscriptions?: number;
  /**
   * Deliver small binary messages as views that are valid only inside the handler, instead of copies
   * that are the receiver's. Default false.
   */
  readonly binaryViews?: boolean;
  /**
   * Whether to compress messages with permessage-deflate (RFC 7692), where the other end does, too;
   * true is `{ mode: "shared" }`. Default false: it costs time, and what is compressed together with
   * text of others can be guessed from its size.
   */
  readonly compression?: boolean | CompressionOptions;
}

/** `ConnectionOptions` with every default filled in, but for what only the negotiation needs. */
export type ResolvedConnectionOptions = Required<Omit<ConnectionOptions, "compression">>;

const MiB = 1024 * 1024;

/** The defaults; those that differ for a client are in `clientDefaults`. */
export const connectionDefaults: ResolvedConnectionOptions = {
  maxMessageBytes: MiB,
  maxFragments: 8192,
  highWaterBytes: 64 * 1024,
  maxQueuedBytes: MiB,
  overflow: "close",
  pingIntervalMs: 25_000,
  pongTimeoutMs: 8_000,
  closeTimeoutMs: 5_000,
  maxSubscriptions: 1024,
  binaryViews: false,
};

/** A client chose its server, so it takes larger messages from it. */
export const clientDefaults: ResolvedConnectionOptions = {
  ...connectionDefaults,
  maxMessageBytes: 64 * MiB,
};

/**
 * Fills in the defaults.
 *
 * @throws UsageError HAWSER_OPTION_INVALID
 */
export function resolveConnectionOptions(
  given: ConnectionOptions,
  defaults: ResolvedConnectionOptions,
): ResolvedConnectionOptions {
  const pick = <Name extends keyof ResolvedConnectionOptions>(
    name: Name,
  ): ResolvedConnectionOptions[Name] =>
    (given[name] ?? defaults[name]) as ResolvedConnectionOptions[Name];
  const size = (name: NumberOption): number =>
    checkInteger(name, pick(name), 1, Number.MAX_SAFE_INTEGER);
  const delay = (name: NumberOption, least: number): number =>
    checkInteger(name, pick(name), least, maxDelayMs);
  const overflow = pick("overflow");
  if (!["close", "drop", "latest"].includes(overflow)) {
    throw optionError("overflow", overflow, '"close", "drop" or "latest"');
  }
  const maxQueuedBytes = size("maxQueuedBytes");
  const highWaterBytes = given.highWaterBytes ?? Math.min(defaults.highWaterBytes, maxQueuedBytes);
  return {
    maxMessageBytes: size("maxMessageBytes"),
    maxFragments: size("maxFragments"),
    highWaterBytes: checkInteger("highWaterBytes", highWaterBytes, 1, maxQueuedBytes),
    maxQueuedBytes,
    overflow,
    pingIntervalMs: delay("pingIntervalMs", 0),
    pongTimeoutMs: delay("pongTimeoutMs", 1),
    closeTimeoutMs: delay("closeTimeoutMs", 1),
    maxSubscriptions: size("maxSubscriptions"),
    binaryViews: pick("binaryViews"),
  };
}

type NumberOption = {
  [Name in keyof ResolvedConnectionOptions]: ResolvedConnectionOptions[Name] extends number
    ? Name
    : never;
}[keyof ResolvedConnectionOptions];
