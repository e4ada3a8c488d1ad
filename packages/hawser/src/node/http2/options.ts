// What an HTTP/2 server allows each of its peers: the options, their defaults and their bounds.

import { UsageError } from "../../protocol/index.ts";
import { checkDelay, checkInteger, optionError } from "../check-option.ts";

/** HTTP/2 on the port of a server with TLS, beside HTTP/1.1: clients choose by ALPN. */
export interface Http2Options {
  /** How many streams, which is WebSockets and requests, one client connection may have open. Default 256. */
  readonly maxStreams?: number;
  /** Milliseconds that a client connection may be without any stream. Default 60,000. */
  readonly idleTimeoutMs?: number;
  /** Bytes that Node may hold for one client connection; past it new streams are refused. Default 10 MiB. */
  readonly maxSessionBytes?: number;
}

export type ResolvedHttp2Options = Required<Http2Options>;

const MiB = 1024 * 1024;

/**
 * The options with defaults filled in; undefined when HTTP/2 is off.
 *
 * @throws UsageError HAWSER_OPTION_INVALID
 */
export function resolveHttp2Options(
  given: boolean | Http2Options | undefined,
  hasTls: boolean,
): ResolvedHttp2Options | undefined {
  if (given === undefined || given === false) return undefined;
  if (given !== true && (typeof given !== "object" || given === null)) {
    throw optionError("http2", given, "true, false or an object");
  }
  if (!hasTls) {
    throw new UsageError(
      "HAWSER_OPTION_INVALID",
      "the option http2 needs tls: browsers speak HTTP/2 over TLS only (without, attach a server of node:http2)",
    );
  }
  const {
    maxStreams = 256,
    idleTimeoutMs = 60_000,
    maxSessionBytes = 10 * MiB,
  } = given === true ? {} : given;
  return {
    maxStreams: checkInteger("maxStreams", maxStreams, 1, 2 ** 31 - 1),
    idleTimeoutMs: checkDelay("idleTimeoutMs", idleTimeoutMs),
    maxSessionBytes: checkInteger("maxSessionBytes", maxSessionBytes, MiB, 2 ** 31 - 1),
  };
}
