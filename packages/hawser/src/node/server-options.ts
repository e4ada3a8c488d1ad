// What a server is told: every option of its own with its default, checked before anything else happens. Those
// that it shares with clients are in options.ts.

import type { Broker } from "../engines/index.ts";
import {
  type AllowedOrigins,
  areSubprotocols,
  type ExtensionNegotiator,
  type HandshakeRules,
  UsageError,
} from "../protocol/index.ts";
import { compressionFor } from "./compression.ts";
import type { FetchHandler } from "./fetch.ts";
import { checkHandlers, type ConnectionFunction, type ConnectionHandlers } from "./group.ts";
import { checkDelay, checkInteger, optionError } from "./check-option.ts";
import {
  connectionDefaults,
  type ConnectionOptions,
  resolveConnectionOptions,
  type ResolvedConnectionOptions,
} from "./options.ts";
import { TrustedProxies, type TrustedProxyOptions } from "./trusted-proxies.ts";
import type { UpgradeHook } from "./upgrade-request.ts";

/** What a server does and allows. */
export interface ServerOptions<Data = unknown>
  extends ConnectionOptions,
    ConnectionHandlers<Data>,
    TrustedProxyOptions {
  /**
   * Decides on each opening handshake: returns `{ data }` to accept, or a Response to refuse. May be
   * async; frames that come meanwhile are kept. What it throws is a 500 and goes to `error`. Without
   * it every handshake that is in order is accepted.
   */
  readonly upgrade?: UpgradeHook<Data>;
  /** Answers plain HTTP requests on the same port; without it they get a 426. */
  readonly fetch?: FetchHandler;
  /** The subprotocols that the server speaks; the first that the client offers is chosen. */
  readonly protocols?: readonly string[];
  /** Pages of other hosts that may connect, such as ["https://example.com"]; "*" for all. */
  readonly origins?: AllowedOrigins;
  /** Milliseconds for an opening handshake, the `upgrade` hook included. Default 10,000. */
  readonly handshakeTimeoutMs?: number;
  /** Bytes of all header fields of a handshake; past it 431. Default 16 KiB. */
  readonly maxHeaderBytes?: number;
  /** How many header fields; past it 431. Default 128. */
  readonly maxHeaders?: number;
  /** Bytes of the URL; past it 414. Default 8 KiB. */
  readonly maxUrlBytes?: number;
  /**
   * Bytes that the windows of all connections with "dedicated" compression hold together; past it new
   * connections are agreed on without them. Default 64 MiB.
   */
  readonly maxCompressionMemoryBytes?: number;
  /**
   * Takes topics to other processes: `redisBroker` of `hawser/redis`, `natsBroker` of `hawser/nats`, or one of
   * your own. Whoever made it closes it, after the server. Without it topics end at this server.
   */
  readonly broker?: Broker;
}

/** The options with every default filled in, as those take them who need them. */
export interface ResolvedServerOptions {
  readonly connection: ResolvedConnectionOptions;
  readonly extensions: readonly ExtensionNegotiator[];
  readonly rules: HandshakeRules;
  readonly proxies: TrustedProxies | undefined;
  readonly handshakeTimeoutMs: number;
  readonly protocols: readonly string[];
}

const KiB = 1024;
const MiB = KiB * KiB;

/** @throws UsageError HAWSER_OPTION_INVALID */
export function resolveServerOptions<Data>(
  options: ServerOptions<Data>,
  run: ConnectionFunction<Data> | undefined,
): ResolvedServerOptions {
  if (run !== undefined && options.message !== undefined) {
    throw new UsageError(
      "HAWSER_OPTION_INVALID",
      "messages go either to the `message` handler or to the function's loop: leave one of them out",
    );
  }
  checkHandlers({ ...options }, ["upgrade", "fetch"]);
  checkNames(options);
  const { origins = [], broker, trustedProxies, protocols = [] } = options;
  if (broker !== undefined && typeof broker?.publish !== "function") {
    throw optionError("broker", broker, "a Broker");
  }
  const proxies = trustedProxies === undefined ? undefined : new TrustedProxies(options, origins);
  const {
    handshakeTimeoutMs = 10_000,
    maxHeaderBytes = 16 * KiB,
    maxHeaders = 128,
    maxUrlBytes = 8 * KiB,
    maxCompressionMemoryBytes = 64 * MiB,
  } = options;
  const most = Number.MAX_SAFE_INTEGER;
  return {
    connection: resolveConnectionOptions(options, connectionDefaults),
    extensions: compressionFor(
      options.compression,
      checkInteger("maxCompressionMemoryBytes", maxCompressionMemoryBytes, 0, most),
    ),
    rules: {
      // What the client asked a proxy for is for `TrustedProxies` to compare.
      origins: proxies === undefined ? origins : "*",
      maxHeaderBytes: checkInteger("maxHeaderBytes", maxHeaderBytes, 1, MiB),
      maxHeaders: checkInteger("maxHeaders", maxHeaders, 1, MiB),
      maxUrlBytes: checkInteger("maxUrlBytes", maxUrlBytes, 1, MiB),
    },
    proxies,
    handshakeTimeoutMs: checkDelay("handshakeTimeoutMs", handshakeTimeoutMs),
    protocols,
  };
}

/** @throws UsageError HAWSER_OPTION_INVALID */
function checkNames({
  origins = [],
  protocols = [],
}: Pick<ServerOptions, "origins" | "protocols">): void {
  if (origins !== "*" && !Array.isArray(origins)) {
    throw optionError("origins", origins, 'a list such as ["https://example.com"], or "*"');
  }
  if (!Array.isArray(protocols) || !areSubprotocols(protocols)) {
    throw optionError("protocols", protocols, "a list of tokens that all differ");
  }
}
