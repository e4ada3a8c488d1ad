// A WebSocket server: its own HTTP server on a port or a unix socket, or attached to one that exists,
// or given single sockets. It holds what its connections share and ends them together.

import type { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { IncomingHttpHeaders as Http2Headers, ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { SecureContextOptions } from "node:tls";
import type { Broker } from "../engines/index.ts";
import { refusal, UsageError } from "../protocol/index.ts";
import { attachTo } from "./attachment.ts";
import {
  type CheckedCloseOptions,
  checkCloseOptions,
  closeAll,
  type CloseOptions,
} from "./server-close.ts";
import type { Connection } from "./connection.ts";
import { type Counters, newCounters } from "./counters.ts";
import { type ConnectionFunction, type Group, reportError } from "./group.ts";
import type { HandledLink } from "./handled-link.ts";
import { heartbeatFor } from "./heartbeat.ts";
import { HttpListener, type ListenOptions } from "./http-listener.ts";
import type { AnyHttpServer } from "./http2/attachment.ts";
import { rawOf } from "./http2/stream.ts";
import { linkEvents } from "./link-events.ts";
import { type Sendable, toMessage } from "./message.ts";
import { nodeBlocks, nodePlatform } from "./platform.ts";
import type { PublishOptions } from "./publication.ts";
import { type BrokerStats, type Deliver, Relay } from "./relay.ts";
import { changeSecureContext } from "./secure-context.ts";
import {
  type ResolvedServerOptions,
  resolveServerOptions,
  type ServerOptions,
} from "./server-options.ts";
import { Topics } from "./topics.ts";
import { Upgrader } from "./upgrader.ts";

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

/** How long terminated connections have to be gone, in milliseconds, before `close` gives up waiting. */
const givenUpMs = 100;

export class Server<Data = unknown> {
  readonly #options: ServerOptions<Data>;
  readonly #group: Group;
  readonly #topics: Topics;
  readonly #upgrader: Upgrader;
  readonly #resolved: ResolvedServerOptions;
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
    const resolved = resolveServerOptions(options, run);
    this.#resolved = resolved;
    const { connection } = resolved;
    this.#options = options;
    this.#topics = new Topics(connection.maxSubscriptions);
    if (options.broker !== undefined) this.#relayTo(options.broker);
    this.#group = {
      handlers: options,
      run: run as ConnectionFunction<unknown> | undefined,
      options: connection,
      extensions: resolved.extensions,
      endpointOptions: {
        role: "server",
        platform: nodePlatform,
        blocks: nodeBlocks,
        events: linkEvents,
        maxMessageBytes: connection.maxMessageBytes,
        maxFragments: connection.maxFragments,
        binaryViews: connection.binaryViews,
      },
      heartbeat: heartbeatFor(connection.pingIntervalMs, connection.pongTimeoutMs),
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
      ...resolved,
      hook: options.upgrade?.bind(options),
    });
  }

  #relayTo(broker: Broker): void {
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
        ...this.#resolved,
        fetch: this.#options.fetch?.bind(this.#options),
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
    this.#closing ??= this.#close(checkCloseOptions(options));
    return this.#closing;
  }

  async #close(options: CheckedCloseOptions): Promise<void> {
    const { timeoutMs } = options;
    for (const detach of this.#detach) detach();
    const http = this.#listener?.http;
    const httpClosed = this.#listener?.close();
    // Handshakes that are still under way on connections that exist: they get their 503.
    http?.on("upgrade", (request, socket, head) => this.handleUpgrade(request, socket, head));
    this.#upgrader.close();
    const drained = this.#drain(options, httpClosed);
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

  async #drain(options: CheckedCloseOptions, httpClosed: Promise<void> | undefined): Promise<void> {
    await closeAll(this.#group.links, options);
    if (this.#group.links.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
    }
    await this.#listener?.answered();
    this.#listener?.http.closeAllConnections();
    await httpClosed;
  }

  #terminateAll(): void {
    for (const link of this.#group.links) link.terminate();
    this.#listener?.destroyAll();
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
