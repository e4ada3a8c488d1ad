// A WebSocket server: its own HTTP server on a port or a unix socket, or attached to one that exists,
// or given single sockets. It holds what its connections share and ends them together.

import { Buffer } from "node:buffer";
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerOptions as HttpOptions,
  type ServerResponse,
} from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { TlsOptions } from "node:tls";
import {
  type AllowedOrigins,
  CloseCode,
  type HandshakeError,
  type HandshakeRules,
  type RefusalCode,
  refusal,
  serializeRefusal,
  TransportError,
  UsageError,
} from "../protocol/index.ts";
import { attachTo } from "./attachment.ts";
import type { Connection } from "./connection.ts";
import { answerWithFetch, type FetchHandler } from "./fetch.ts";
import {
  type ConnectionFunction,
  type ConnectionHandlers,
  type Counters,
  type Group,
  newCounters,
  reportError,
} from "./group.ts";
import { heartbeatFor } from "./heartbeat.ts";
import { type Link, linkEvents, type SendOptions } from "./link.ts";
import { type Sendable, toMessage } from "./message.ts";
import {
  checkDelay,
  checkInteger,
  connectionDefaults,
  type ConnectionOptions,
  resolveConnectionOptions,
} from "./options.ts";
import { nodeBlocks, nodePlatform } from "./platform.ts";
import { Topics } from "./topics.ts";
import type { UpgradeHook } from "./upgrade-request.ts";
import { Upgrader } from "./upgrader.ts";

/** What a server does and allows. */
export interface ServerOptions<Data = unknown> extends ConnectionOptions, ConnectionHandlers<Data> {
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
}

/** Where a server listens. */
export interface ListenOptions {
  /** The port; 0 picks a free one. Default 0. */
  readonly port?: number;
  /** The address to listen on. Default: all of them, IPv6 and IPv4. */
  readonly hostname?: string;
  /** A unix socket's path, instead of a port. */
  readonly unix?: string;
  /** TLS: at least `cert` and `key`, as `node:tls` takes them. */
  readonly tls?: TlsOptions;
  /** How many connections may wait to be accepted. Default Node's, 511. */
  readonly backlog?: number;
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

/** Counts of a server, from its beginning. */
export interface ServerStats extends Readonly<Counters> {
  /** Connections that are open now. */
  readonly connections: number;
  /** Handshakes refused. */
  readonly refused: number;
  /** Topics with at least one subscriber. */
  readonly topics: number;
}

const KiB = 1024;

export class Server<Data = unknown> {
  readonly #options: ServerOptions<Data>;
  readonly #group: Group;
  readonly #topics: Topics;
  readonly #upgrader: Upgrader;
  readonly #rules: HandshakeRules;
  readonly #handshakeTimeoutMs: number;
  readonly #detach = new Set<() => void>();
  #http: HttpServer | undefined;
  #url = "";
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
    const resolved = resolveConnectionOptions(options, connectionDefaults);
    this.#options = options;
    this.#topics = new Topics(resolved.maxSubscriptions);
    this.#handshakeTimeoutMs = checkDelay(
      "handshakeTimeoutMs",
      options.handshakeTimeoutMs ?? 10_000,
    );
    this.#rules = {
      origins: options.origins ?? [],
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
      handlers: options as ConnectionHandlers<unknown>,
      run: run as ConnectionFunction<unknown> | undefined,
      options: resolved,
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
      links: new Set<Link>(),
      counters: newCounters(),
      onClosed: () => {
        if (this.#group.links.size === 0) this.#onEmpty?.();
      },
    };
    this.#upgrader = new Upgrader({
      group: this.#group,
      rules: this.#rules,
      hook: options.upgrade?.bind(options),
      protocols: options.protocols ?? [],
      handshakeTimeoutMs: this.#handshakeTimeoutMs,
    });
  }

  /** Where to connect, such as "ws://localhost:8080"; "" while the server does not listen. */
  get url(): string {
    return this.#url;
  }

  /** The open connections. */
  get connections(): IterableIterator<Connection<Data>> {
    return connectionsOf(this.#group.links) as IterableIterator<Connection<Data>>;
  }

  stats(): ServerStats {
    return {
      connections: this.#group.links.size,
      refused: this.#upgrader.refused,
      topics: this.#topics.size,
      ...this.#group.counters,
    };
  }

  /** As `net.Server.address()`: null while the server does not listen. */
  address(): AddressInfo | string | null {
    return this.#http?.address() ?? null;
  }

  /**
   * Listens.
   *
   * @throws TransportError HAWSER_ADDRESS_IN_USE, HAWSER_LISTEN
   * @throws UsageError HAWSER_LISTENING when it listens already
   */
  async listen(options: ListenOptions = {}): Promise<void> {
    if (this.#http !== undefined || this.#closing !== undefined) {
      throw new UsageError("HAWSER_LISTENING", "a server listens once: make another one");
    }
    const http = this.#createHttp(options.tls);
    this.#http = http;
    http.on("request", (request, response) => this.#answer(request, response));
    http.on("clientError", (error: NodeJS.ErrnoException, socket) => refuseClient(error, socket));
    this.attach(http);
    try {
      await listening(http, options);
    } catch (error) {
      this.#http = undefined;
      throw listenError(error as NodeJS.ErrnoException, options);
    }
    // A server that can't accept just now (EMFILE) goes on when it can.
    http.on("error", (error) => reportError(this.#group.handlers, error, false));
    this.#url = urlOf(http, options);
  }

  #createHttp(tls: TlsOptions | undefined): HttpServer {
    const checkMs = Math.max(100, Math.floor(this.#handshakeTimeoutMs / 10));
    const options: HttpOptions = {
      // Ours to check, with a better answer; Node's limit stands behind it.
      maxHeaderSize: this.#rules.maxHeaderBytes + this.#rules.maxUrlBytes,
      headersTimeout: Math.max(1, this.#handshakeTimeoutMs - checkMs),
      connectionsCheckingInterval: checkMs,
    };
    const http =
      tls === undefined
        ? createHttpServer(options)
        : createHttpsServer({ ...options, ALPNProtocols: ["http/1.1"], ...tls });
    // Fields beyond this count are left out silently, an Upgrade header too: we count them ourselves.
    http.maxHeadersCount = 0;
    return http;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { fetch } = this.#options;
    if (fetch === undefined || request.headers.upgrade?.toLowerCase() === "websocket") {
      // Without "Connection: Upgrade" Node takes the request for a plain one.
      const code =
        request.headers.upgrade === undefined ? "HAWSER_UPGRADE_REQUIRED" : "HAWSER_CONNECTION";
      answerWithRefusal(response, refusal(code));
      return;
    }
    answerWithFetch(fetch.bind(this.#options), request, response).catch((error: unknown) => {
      reportError(this.#group.handlers, error, true);
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  }

  /**
   * Takes over the upgrade requests of an HTTP server, those for `path` only if one is given; its
   * other requests stay its own. Returns a function that lets go of it again.
   */
  attach(http: HttpServer, options: { readonly path?: string } = {}): () => void {
    const stop = attachTo(http, options.path, {
      take: (request, socket, head) => this.handleUpgrade(request, socket, head),
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

  /** Sends to all that are subscribed to the topic; returns to how many. */
  publish(topic: string, message: Sendable, options: Pick<SendOptions, "key"> = {}): number {
    return this.#topics.publish(topic, toMessage(message), options.key);
  }

  /** How many connections are subscribed to the topic. */
  subscribers(topic: string): number {
    return this.#topics.count(topic);
  }

  /**
   * Drains and ends: no more connections are accepted, every connection gets a Close frame behind
   * what is queued for it, and what is not closed in time is terminated. An HTTP server that was
   * attached is let go of and not closed. Calling it again gives the same promise.
   */
  close(options: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(options);
    return this.#closing;
  }

  async #close({ timeoutMs = 10_000, code, reason, spreadMs = 0 }: CloseOptions): Promise<void> {
    checkDelay("timeoutMs", timeoutMs);
    checkInteger("spreadMs", spreadMs, 0, timeoutMs);
    for (const detach of this.#detach) detach();
    const httpClosed = closeHttp(this.#http);
    // Handshakes that are still under way on connections that exist: they get their 503.
    this.#http?.on("upgrade", (request, socket, head) => this.handleUpgrade(request, socket, head));
    this.#upgrader.close();
    this.#url = "";
    const deadline = setTimeout(() => this.#terminateAll(), timeoutMs);
    await this.#closeAll(code ?? CloseCode.goingAway, reason, spreadMs);
    if (this.#group.links.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
    }
    this.#http?.closeAllConnections();
    await httpClosed;
    clearTimeout(deadline);
  }

  async #closeAll(code: number, reason: string | undefined, spreadMs: number): Promise<void> {
    const links = [...this.#group.links];
    const started = performance.now();
    for (const [index, link] of links.entries()) {
      const due = (spreadMs * index) / links.length;
      const early = due - (performance.now() - started);
      if (early >= 1) await new Promise((resolve) => setTimeout(resolve, early));
      link.close(code, reason);
    }
  }

  #terminateAll(): void {
    for (const link of this.#group.links) link.terminate();
    this.#http?.closeAllConnections();
  }
}

function* connectionsOf(links: Iterable<Link>): IterableIterator<Connection> {
  for (const link of links) yield link.connection;
}

function listening(http: HttpServer, options: ListenOptions): Promise<void> {
  const { port = 0, hostname, unix, backlog } = options;
  const where = unix === undefined ? { port, host: hostname } : { path: unix };
  return new Promise((resolve, reject) => {
    http.once("error", reject);
    http.listen({ ...where, backlog }, () => {
      http.removeListener("error", reject);
      resolve();
    });
  });
}

function listenError(error: NodeJS.ErrnoException, options: ListenOptions): TransportError {
  const where = options.unix ?? `port ${options.port ?? 0}`;
  if (error.code === "EADDRINUSE") {
    return new TransportError(
      "HAWSER_ADDRESS_IN_USE",
      `${where} is in use: end the program that listens there, or choose another (port 0 picks a free one)`,
      error,
    );
  }
  return new TransportError("HAWSER_LISTEN", `can't listen on ${where}: ${error.message}`, error);
}

function urlOf(http: HttpServer, { hostname, unix, tls }: ListenOptions): string {
  const scheme = tls === undefined ? "ws" : "wss";
  if (unix !== undefined) return `${scheme}+unix:${unix}`;
  const { port } = http.address() as AddressInfo;
  const isAny = hostname === undefined || hostname === "0.0.0.0" || hostname === "::";
  const host = isAny ? "localhost" : hostname.includes(":") ? `[${hostname}]` : hostname;
  return `${scheme}://${host}:${port}`;
}

function closeHttp(http: HttpServer | undefined): Promise<void> {
  if (http === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    http.close(() => resolve());
    http.closeIdleConnections();
  });
}

const clientErrors: ReadonlyMap<string, RefusalCode> = new Map([
  ["HPE_HEADER_OVERFLOW", "HAWSER_HEADERS_TOO_LARGE"],
  ["ERR_HTTP_REQUEST_TIMEOUT", "HAWSER_HANDSHAKE_TIMEOUT"],
]);

/** A refusal for a request that Node took for a plain one. */
function answerWithRefusal(response: ServerResponse, error: HandshakeError): void {
  for (const [name, values] of error.headers) response.setHeader(name, values);
  response.setHeader("connection", error.headers.has("upgrade") ? "Upgrade, close" : "close");
  response.writeHead(error.status).end(error.body);
}

/** Node could not read the request. */
function refuseClient(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (socket.destroyed || !socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const code = clientErrors.get(error.code ?? "") ?? "HAWSER_REQUEST_MALFORMED";
  socket.end(serializeRefusal(nodePlatform, refusal(code)), () => socket.destroy());
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
