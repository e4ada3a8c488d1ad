// A WebSocket server: its own HTTP server on a port or a unix socket, or attached to one that exists,
// or given single sockets. It holds what its connections share and ends them together.

import type { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { IncomingHttpHeaders as Http2Headers, ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { Broker } from "../engines/index.ts";
import type { SecureContextOptions } from "node:tls";
import {
  type AllowedOrigins,
  areSubprotocols,
  checkCloseArguments,
  CloseCode,
  type HandshakeRules,
  refusal,
  UsageError,
} from "../protocol/index.ts";
import { attachTo } from "./attachment.ts";
import { compressionFor } from "./compression.ts";
import type { Connection } from "./connection.ts";
import { type Counters, newCounters } from "./counters.ts";
import type { FetchHandler } from "./fetch.ts";
import {
  checkHandlers,
  type ConnectionFunction,
  type ConnectionHandlers,
  type Group,
  reportError,
} from "./group.ts";
import type { HandledLink } from "./handled-link.ts";
import { heartbeatFor } from "./heartbeat.ts";
import { HttpListener, type ListenOptions } from "./http-listener.ts";
import type { AnyHttpServer } from "./http2/attachment.ts";
import { rawOf } from "./http2/stream.ts";
import { linkEvents } from "./link-events.ts";
import { type Sendable, toMessage } from "./message.ts";
import {
  checkDelay,
  checkInteger,
  connectionDefaults,
  type ConnectionOptions,
  optionError,
  resolveConnectionOptions,
} from "./options.ts";
import { nodeBlocks, nodePlatform } from "./platform.ts";
import type { PublishOptions } from "./publication.ts";
import { type BrokerStats, type Deliver, Relay } from "./relay.ts";
import { changeSecureContext } from "./secure-context.ts";
import { Topics } from "./topics.ts";
import { type TrustedProxyOptions, TrustedProxies } from "./trusted-proxies.ts";
import type { UpgradeHook } from "./upgrade-request.ts";
import { Upgrader } from "./upgrader.ts";

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

/** How a server closes. */
export interface CloseOptions {
  /** Milliseconds for everything; what is left then is terminated. Default 10,000. */
  readonly timeoutMs?: number;
  /** The close code. Default 1001, "going away". */
  readonly code?: number;
  readonly reason?: string;
  /**
   * Milliseconds over which the Close frames are spread, so that the clients don't all come back at
   * the same moment. Default 0.
   */
  readonly spreadMs?: number;
}

interface CheckedCloseOptions {
  readonly timeoutMs: number;
  readonly code: number;
  readonly reason: string | undefined;
  readonly spreadMs: number;
}

/** Counts of a server, from its beginning. */
export interface ServerStats extends Readonly<Counters> {
  /** Connections that are open now. */
  readonly connections: number;
  /** Handshakes refused. */
  readonly refused: number;
  /** Topics with at least one subscriber. */
  readonly topics: number;
  /** What went to and from other nodes; not there without a broker. */
  readonly broker?: BrokerStats;
}

const KiB = 1024;

/** How long terminated connections have to be gone, in milliseconds, before `close` gives up waiting. */
const givenUpMs = 100;

export class Server<Data = unknown> {
  readonly #options: ServerOptions<Data>;
  readonly #group: Group;
  readonly #topics: Topics;
  readonly #upgrader: Upgrader;
  readonly #rules: HandshakeRules;
  readonly #proxies: TrustedProxies | undefined;
  readonly #handshakeTimeoutMs: number;
  readonly #detach = new Set<() => void>();
  #listener: HttpListener | undefined;
  #closing: Promise<void> | undefined;
  #onEmpty: (() => void) | undefined;

  /**
   * @param run one function per connection, instead of a `message` handler: the connection closes
   * with 1000 when it returns, with 1011 when it throws
   * @throws UsageError HAWSER_OPTION_INVALID
   */
  constructor(options: ServerOptions<Data> = {}, run?: ConnectionFunction<Data>) {
    if (run !== undefined && options.message !== undefined) {
      throw new UsageError(
        "HAWSER_OPTION_INVALID",
        "messages go either to the `message` handler or to the function's loop: leave one of them out",
      );
    }
    checkHandlers({ ...options }, ["upgrade", "fetch"]);
    checkNames(options);
    const resolved = resolveConnectionOptions(options, connectionDefaults);
    this.#options = options;
    this.#topics = new Topics(resolved.maxSubscriptions);
    if (options.broker !== undefined) this.#relayTo(options.broker);
    this.#handshakeTimeoutMs = checkDelay(
      "handshakeTimeoutMs",
      options.handshakeTimeoutMs ?? 10_000,
    );
    const { origins = [] } = options;
    this.#proxies =
      options.trustedProxies === undefined ? undefined : new TrustedProxies(options, origins);
    this.#rules = {
      // What the client asked a proxy for is for `TrustedProxies` to compare.
      origins: this.#proxies === undefined ? origins : "*",
      maxHeaderBytes: checkInteger(
        "maxHeaderBytes",
        options.maxHeaderBytes ?? 16 * KiB,
        1,
        KiB * KiB,
      ),
      maxHeaders: checkInteger("maxHeaders", options.maxHeaders ?? 128, 1, KiB * KiB),
      maxUrlBytes: checkInteger("maxUrlBytes", options.maxUrlBytes ?? 8 * KiB, 1, KiB * KiB),
    };
    this.#group = {
      handlers: options,
      run: run as ConnectionFunction<unknown> | undefined,
      options: resolved,
      extensions: compressionFor(
        options.compression,
        checkInteger(
          "maxCompressionMemoryBytes",
          options.maxCompressionMemoryBytes ?? 64 * KiB * KiB,
          0,
          Number.MAX_SAFE_INTEGER,
        ),
      ),
      endpointOptions: {
        role: "server",
        platform: nodePlatform,
        blocks: nodeBlocks,
        events: linkEvents,
        maxMessageBytes: resolved.maxMessageBytes,
        maxFragments: resolved.maxFragments,
        binaryViews: resolved.binaryViews,
      },
      heartbeat: heartbeatFor(resolved.pingIntervalMs, resolved.pongTimeoutMs),
      topics: this.#topics,
      links: new Set<HandledLink>(),
      counters: newCounters(),
      watchesWire: options.wire !== undefined,
      onClosed: () => {
        if (this.#group.links.size === 0) this.#onEmpty?.();
      },
    };
    this.#upgrader = new Upgrader({
      group: this.#group,
      rules: this.#rules,
      proxies: this.#proxies,
      hook: options.upgrade?.bind(options),
      protocols: options.protocols ?? [],
      handshakeTimeoutMs: this.#handshakeTimeoutMs,
    });
  }

  #relayTo(broker: Broker): void {
    if (typeof broker?.publish !== "function") throw optionError("broker", broker, "a Broker");
    const topics = this.#topics;
    const deliver: Deliver = (topic, message, options) => topics.deliver(topic, message, options);
    topics.relay = new Relay(broker, deliver, (error) => {
      if (this.#options.error !== undefined) reportError(this.#options, error, false);
      // That an engine is away has to be seen somewhere; what that does to each publication does not.
      // oxlint-disable-next-line no-console
      else if (error.topic === undefined) console.error("hawser: topics end here for now:", error);
    });
  }

  /** Where to connect, such as "ws://localhost:8080"; "" while the server does not listen. */
  get url(): string {
    return this.#listener?.url ?? "";
  }

  /** The open connections. */
  get connections(): IterableIterator<Connection<Data>> {
    return connectionsOf(this.#group.links) as IterableIterator<Connection<Data>>;
  }

  stats(): ServerStats {
    const { relay, size: topics } = this.#topics;
    return {
      connections: this.#group.links.size,
      refused: this.#upgrader.refused,
      topics,
      ...this.#group.counters,
      ...(relay === undefined ? {} : { broker: relay.stats() }),
    };
  }

  /** As `net.Server.address()`: null while the server does not listen. */
  address(): AddressInfo | string | null {
    return this.#listener?.http.address() ?? null;
  }

  /**
   * Changes the certificates, the authorities or the versions of TLS; what is not named stays as it is. Open
   * connections go on with what they have.
   *
   * @throws UsageError HAWSER_NO_TLS when the server does not listen with `tls`; HAWSER_OPTION_INVALID for a
   * certificate that can't be used, and then the old one stays
   */
  setSecureContext(tls: SecureContextOptions): void {
    if (this.#listener === undefined) changeSecureContext(undefined, undefined, tls);
    else this.#listener.setSecureContext(tls);
  }

  /**
   * Listens.
   *
   * @throws TransportError HAWSER_ADDRESS_IN_USE, HAWSER_LISTEN
   * @throws UsageError HAWSER_LISTENING when it listens already
   */
  async listen(options: ListenOptions = {}): Promise<void> {
    if (this.#listener !== undefined || this.#closing !== undefined) {
      throw new UsageError("HAWSER_LISTENING", "a server listens once: make another one");
    }
    const listener = new HttpListener(
      {
        rules: this.#rules,
        handshakeTimeoutMs: this.#handshakeTimeoutMs,
        fetch: this.#options.fetch?.bind(this.#options),
        proxies: this.#proxies,
        accept: (request, offer, early) => this.#upgrader.accept(request, offer, early),
        acceptStream: (stream, headers, raw) => this.#upgrader.handleStream(stream, headers, raw),
        onError: (error, isFromHandler) => reportError(this.#group.handlers, error, isFromHandler),
      },
      options,
    );
    this.#attach(listener.http, undefined, (request, socket) =>
      listener.answerPlainly(request, socket),
    );
    this.#listener = listener;
    try {
      await listener.listen(options);
    } catch (error) {
      this.#listener = undefined;
      throw error;
    }
  }

  /**
   * Takes over the upgrade requests of an HTTP server, those for `path` only if one is given; its
   * other requests stay its own. Of a server of node:http2 it takes the WebSockets of either version of
   * HTTP; to clients that connect from now on it offers those over HTTP/2. Returns a function that lets go of it again.
   *
   * @throws UsageError HAWSER_OPTION_INVALID when the path, or all paths, are taken by another already
   */
  attach(http: AnyHttpServer, options: { readonly path?: string } = {}): () => void {
    return this.#attach(http, options.path, () => false);
  }

  /** Attaches; `isTaken` may take a request that is none for a WebSocket. */
  #attach(
    http: AnyHttpServer,
    path: string | undefined,
    isTaken: (request: IncomingMessage, socket: Duplex) => boolean,
  ): () => void {
    const stop = attachTo(http, path, {
      take: (request, socket, head) => {
        if (!isTaken(request, socket)) this.handleUpgrade(request, socket, head);
      },
      takeStream: (stream, headers, raw) => this.#upgrader.handleStream(stream, headers, raw),
      refuse: (socket) => {
        this.#upgrader.refuse(socket, refusal("HAWSER_NO_SUCH_PATH"));
      },
    });
    const detach = (): void => {
      stop();
      this.#detach.delete(detach);
    };
    this.#detach.add(detach);
    return detach;
  }

  /** Does the opening handshake for one request of any HTTP server, from its "upgrade" event. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#upgrader.handle(request, socket, head);
  }

  /**
   * Does the opening handshake for one extended CONNECT of any HTTP/2 server, from its "stream" event; its
   * settings have to have `enableConnectProtocol`. Without the event's `rawHeaders` those of `headers` are checked.
   */
  handleStream(
    stream: ServerHttp2Stream,
    headers: Http2Headers,
    _flags?: number,
    rawHeaders?: readonly string[],
  ): void {
    this.#upgrader.handleStream(stream, headers, rawHeaders ?? rawOf(headers));
  }

  /**
   * Sends to all that are subscribed to the topic, with a broker on all nodes; returns to how many on this
   * one. A publication that did not reach the engine goes to `error`, as a BrokerError.
   */
  publish(topic: string, message: Sendable, options: PublishOptions = {}): number {
    return this.#topics.publish(topic, toMessage(message), options);
  }

  /**
   * As `publish`; resolves when the broker's engine has confirmed, at once when there is no broker.
   *
   * @throws BrokerError (rejects) when it has not, or may not have; subscribers of this node have the message
   */
  async publishConfirmed(
    topic: string,
    message: Sendable,
    options: PublishOptions = {},
  ): Promise<number> {
    const checked = toMessage(message);
    this.#topics.relay?.checkTopic(topic);
    const sent = this.#topics.deliver(topic, checked, options);
    await this.#topics.relay?.publishConfirmed(topic, checked, options);
    return sent;
  }

  /** How many connections are subscribed to the topic. */
  subscribers(topic: string): number {
    return this.#topics.count(topic);
  }

  /**
   * Drains and ends: no more connections are accepted, every connection gets a Close frame behind
   * what is queued for it, and what is not closed in time is terminated. An HTTP server that was
   * attached is let go of and not closed. Calling it again gives the same promise.
   *
   * @throws UsageError for a close code, reason or time that can't be, before anything happens
   */
  close(options: CloseOptions = {}): Promise<void> {
    if (this.#closing === undefined) {
      const { timeoutMs = 10_000, code, reason, spreadMs = 0 } = options;
      checkDelay("timeoutMs", timeoutMs);
      checkInteger("spreadMs", spreadMs, 0, timeoutMs);
      checkCloseArguments(nodePlatform, code ?? CloseCode.goingAway, reason ?? "");
      this.#closing = this.#close({
        timeoutMs,
        spreadMs,
        code: code ?? CloseCode.goingAway,
        reason,
      });
    }
    return this.#closing;
  }

  async #close({ timeoutMs, code, reason, spreadMs }: CheckedCloseOptions): Promise<void> {
    for (const detach of this.#detach) detach();
    const http = this.#listener?.http;
    const httpClosed = this.#listener?.close();
    // Handshakes that are still under way on connections that exist: they get their 503.
    http?.on("upgrade", (request, socket, head) => this.handleUpgrade(request, socket, head));
    this.#upgrader.close();
    const drained = this.#drain(code, reason, spreadMs, httpClosed);
    const deadline = setTimeout(() => this.#terminateAll(), timeoutMs);
    // What is no connection yet, as a socket in its TLS handshake, ends by its own time-out.
    let last: NodeJS.Timeout | undefined;
    const givenUp = new Promise<void>((resolve) => {
      last = setTimeout(resolve, timeoutMs + givenUpMs);
    });
    await Promise.race([drained, givenUp]);
    clearTimeout(deadline);
    clearTimeout(last);
    this.#topics.relay?.close();
  }

  async #drain(
    code: number,
    reason: string | undefined,
    spreadMs: number,
    httpClosed: Promise<void> | undefined,
  ): Promise<void> {
    await this.#closeAll(code, reason, spreadMs);
    if (this.#group.links.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
    }
    await this.#listener?.answered();
    this.#listener?.http.closeAllConnections();
    await httpClosed;
  }

  async #closeAll(code: number, reason: string | undefined, spreadMs: number): Promise<void> {
    const links = [...this.#group.links];
    const started = performance.now();
    for (const [index, link] of links.entries()) {
      const due = (spreadMs * index) / links.length;
      const early = due - (performance.now() - started);
      if (early >= 1) await new Promise((resolve) => setTimeout(resolve, early));
      link.drain(code, reason);
    }
  }

  #terminateAll(): void {
    for (const link of this.#group.links) link.terminate();
    this.#listener?.destroyAll();
  }
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

function* connectionsOf(links: Iterable<HandledLink>): IterableIterator<Connection> {
  for (const link of links) yield link.connection;
}

/**
 * Starts a server that listens.
 *
 * @throws TransportError HAWSER_ADDRESS_IN_USE, HAWSER_LISTEN
 * @throws UsageError HAWSER_OPTION_INVALID
 */
export async function serve<Data = unknown>(
  options: ServerOptions<Data> & ListenOptions,
  run?: ConnectionFunction<Data>,
): Promise<Server<Data>> {
  const server = new Server(options, run);
  await server.listen(options);
  return server;
}
