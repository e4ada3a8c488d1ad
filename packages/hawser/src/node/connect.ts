// The client: dials, does the opening handshake, follows redirects when told to, and gives the same
// Connection as a server has. Every way it can fail is a rejected promise: a HandshakeError with the
// server's answer, or a TransportError when there was none.

import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import {
  type Accepted,
  ClientHandshake,
  type ClientRequest,
  type ExtensionNegotiator,
  HandshakeError,
  UsageError,
} from "../protocol/index.ts";
import { compressionFor } from "./compression.ts";
import type { Connection } from "./connection.ts";
import { newCounters } from "./counters.ts";
import { type Destination, dial, hopOf, parseUrl } from "./dial.ts";
import { checkRoad, type RoadOptions } from "./dial/options.ts";
import { basic, fieldsOf, proxyFor } from "./dial/proxy.ts";
import { ignore, type Trip } from "./dial/trip.ts";
import { checkHandlers, type ConnectionHandlers, type Group } from "./group.ts";
import { HandledLink } from "./handled-link.ts";
import { heartbeatFor } from "./heartbeat.ts";
import {
  checkHttpVersion,
  checkMaxSessions,
  connectOver,
  type HttpVersion,
} from "./http2/connect-over.ts";
import type { LinkGroup } from "./link.ts";
import { linkEvents } from "./link-events.ts";
import { checkDelay, checkInteger } from "./check-option.ts";
import { clientDefaults, type ConnectionOptions, resolveConnectionOptions } from "./options.ts";
import { nodeBlocks, nodePlatform } from "./platform.ts";
import { redirectOf, withoutCredentials, withoutIdentity } from "./redirect.ts";

/** How to connect; the handlers are optional: without `message` the connection is to be iterated. */
export interface ConnectOptions<Data = unknown>
  extends ConnectionOptions,
    RoadOptions,
    Omit<ConnectionHandlers<Data>, "open"> {
  /** The subprotocols to offer, best first; the server has to choose one. */
  readonly protocols?: string | readonly string[];
  /** Further header fields of the request, such as Authorization, Cookie or Origin. */
  readonly headers?:
    | Iterable<readonly [name: string, value: string]>
    | Readonly<Record<string, string>>;
  /** Gives up connecting; the promise rejects with its reason. Of no effect once connected. */
  readonly signal?: AbortSignal;
  /** Milliseconds for TCP, proxies, TLS, redirects and the opening handshake together. Default 10,000. */
  readonly handshakeTimeoutMs?: number;
  /**
   * The version of HTTP: 1, 2, or "auto" for what the server prefers of the two (wss only: ALPN) and can do. WebSockets
   * over HTTP/2 to one server share a TCP connection. Default 1.
   */
  readonly http?: HttpVersion;
  /**
   * The most HTTP/2 sessions, which is TCP connections, that this process may have to one server when this one wants
   * another. Default 100; past it `connect` rejects with a LimitError HAWSER_TOO_MANY_SESSIONS.
   */
  readonly maxSessions?: number;
  /** How many redirects to follow. Default 0: a redirect rejects with a HandshakeError. */
  readonly maxRedirects?: number;
  /** Becomes `data` of the connection. */
  readonly data?: Data;
}

/**
 * Connects to a WebSocket server.
 *
 * @throws HandshakeError the server answered, but not with a WebSocket: see its status, headers, body
 * @throws TransportError HAWSER_CONNECT: there was no answer
 * @throws LimitError HAWSER_TOO_MANY_SESSIONS: see `maxSessions`
 * @throws UsageError HAWSER_URL_INVALID, HAWSER_OPTION_INVALID, HAWSER_SUBPROTOCOL_INVALID,
 * HAWSER_HEADER_INVALID
 */
export async function connect<Data = unknown>(
  url: string | URL,
  given: ConnectOptions<Data> = {},
): Promise<Connection<Data>> {
  const options = given as ConnectOptions;
  const destination = parseUrl(url);
  checkHandlers({ ...options });
  const client = prepareClient(destination, options);
  const group: Group = {
    ...client.group,
    handlers: options,
    run: undefined,
    extensions: client.extensions,
    watchesWire: options.wire !== undefined,
    topics: undefined,
    links: new Set(),
  };
  return client.open((socket, { protocol, extension: agreed, rest }) => {
    const link = new HandledLink(group, socket, { protocol, agreed }, options.data);
    link.start(rest, undefined);
    return link.connection as Connection<Data>;
  });
}

/** A connection of a client that is to be, whatever face it will have. */
export interface PreparedClient {
  readonly group: LinkGroup;
  readonly extensions: readonly ExtensionNegotiator[];
  /**
   * Dials and does the opening handshake, then calls `begin`, which makes the link; what it returns is
   * what the promise resolves with.
   *
   * @throws HandshakeError, TransportError, or the reason of the signal
   */
  open<Face>(begin: (socket: Duplex, accepted: Accepted) => Face): Promise<Face>;
}

/**
 * Checks all that can be checked before anything is dialled.
 *
 * @throws UsageError HAWSER_OPTION_INVALID, HAWSER_SUBPROTOCOL_INVALID, HAWSER_HEADER_INVALID
 */
export function prepareClient(destination: Destination, options: ConnectOptions): PreparedClient {
  const timeoutMs = checkDelay("handshakeTimeoutMs", options.handshakeTimeoutMs ?? 10_000);
  checkHttpVersion(options.http);
  checkMaxSessions(options.maxSessions);
  const redirects = checkInteger("maxRedirects", options.maxRedirects ?? 0, 0, 100);
  const group = clientGroup(options);
  // One connection: its windows are its own affair.
  const extensions = compressionFor(options.compression, Infinity);
  const attempt: OpenOptions = { ...options, extensions };
  const headers = requestHeaders(options);
  checkRoad(options);
  proxyFor(hopOf(destination), options.proxy);
  if (options.proxy !== undefined && headers.some(([name]) => isForProxy(name))) {
    throw new UsageError(
      "HAWSER_HEADER_INVALID",
      "Proxy-Authorization is for the proxy, and headers are for the server: give it to proxy.headers",
    );
  }
  const handshake = newHandshake(destination, headers, attempt);
  const open = async <Face>(begin: (socket: Duplex, accepted: Accepted) => Face): Promise<Face> => {
    options.signal?.throwIfAborted();
    const timeout = new AbortController();
    const signal =
      options.signal === undefined
        ? timeout.signal
        : AbortSignal.any([timeout.signal, options.signal]);
    const trip: Trip = { signal, phase: "TCP connect" };
    const timer = setTimeout(
      () => timeout.abort(timeoutError(destination, timeoutMs, trip)),
      timeoutMs,
    );
    try {
      const opened = await openSocket(
        { destination, headers, options: attempt, redirects, handshake },
        trip,
      );
      const face = begin(opened.socket, opened.accepted);
      opened.socket.removeListener("error", ignore);
      return face;
    } finally {
      clearTimeout(timer);
    }
  };
  return { group, extensions, open };
}

interface OpenOptions extends ConnectOptions {
  readonly extensions: readonly ExtensionNegotiator[];
}

interface Opened {
  readonly socket: Duplex;
  readonly accepted: Accepted;
}

/** One server that is asked, and what its redirect may lead to. */
interface Attempt {
  readonly destination: Destination;
  readonly headers: [string, string][];
  readonly options: OpenOptions;
  readonly redirects: number;
  readonly handshake: ClientHandshake;
}

async function openSocket(attempt: Attempt, trip: Trip): Promise<Opened> {
  try {
    return await openOnce(attempt, trip);
  } catch (error) {
    const next = afterRedirect(error, attempt);
    if (next === undefined) throw error;
    return openSocket(next, trip);
  }
}

async function openOnce(attempt: Attempt, trip: Trip): Promise<Opened> {
  const { destination, headers, options, handshake } = attempt;
  const { isSecure, host } = destination;
  const http2 = {
    version: checkHttpVersion(options.http),
    isSecure,
    host,
    options,
    request: () => clientRequest(destination, headers, options),
    maxSessions: checkMaxSessions(options.maxSessions),
    dial: (ALPNProtocols: string[], shared: Trip) =>
      dial(destination, { ...options, tls: { ...options.tls, ALPNProtocols } }, shared),
  };
  const way = await connectOver(http2, trip);
  if (way.stream !== undefined) return { socket: way.stream, accepted: way.accepted };
  const socket = way.socket ?? (await dial(destination, options, trip));
  try {
    trip.phase = "waiting for 101";
    return { socket, accepted: await shakeHands(socket, handshake, trip.signal) };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** @throws UsageError HAWSER_SUBPROTOCOL_INVALID, HAWSER_HEADER_INVALID */
function newHandshake(
  destination: Destination,
  headers: [string, string][],
  options: OpenOptions,
): ClientHandshake {
  return new ClientHandshake(nodePlatform, clientRequest(destination, headers, options));
}

function clientRequest(
  { target, host, credentials }: Destination,
  headers: [string, string][],
  { protocols = [], extensions }: OpenOptions,
): ClientRequest {
  const hasAuthorization = headers.some(([name]) => name.toLowerCase() === "authorization");
  return {
    target,
    host,
    protocols: typeof protocols === "string" ? [protocols] : protocols,
    extensions,
    headers:
      credentials === undefined || hasAuthorization
        ? headers
        : [...headers, ["Authorization", basic(credentials)]],
  };
}

/** The attempt that a redirect leads to; undefined when there is none, or it must not be followed. */
function afterRedirect(error: unknown, from: Attempt): Attempt | undefined {
  const { destination: last, redirects } = from;
  const destination = redirects > 0 ? redirectOf(error, last) : undefined;
  if (destination === undefined) return undefined;
  let { headers, options } = from;
  if (destination.host !== last.host || destination.isSecure !== last.isSecure) {
    // A unix socket leads to one server, whatever the URL says; an agent may have a certificate for one.
    if (options.unix !== undefined || options.agent !== undefined) return undefined;
    options = { ...options, tls: withoutIdentity(options.tls) };
    headers = withoutCredentials(headers);
  }
  const handshake = newHandshake(destination, headers, options);
  return { destination, headers, options, redirects: redirects - 1, handshake };
}

/** Sends the request and reads the response. */
function shakeHands(
  socket: Duplex,
  handshake: ClientHandshake,
  signal: AbortSignal,
): Promise<Accepted> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      socket.removeListener("data", onData);
      socket.removeListener("end", onEnd);
      socket.removeListener("error", onError);
      socket.removeListener("close", onEnd);
      signal.removeEventListener("abort", onAbort);
    };
    const attempt = (read: () => Accepted | undefined): void => {
      try {
        const accepted = read();
        if (accepted === undefined) return;
        settle();
        // Nothing may be lost between here and the listeners of the connection.
        socket.pause();
        resolve(accepted);
      } catch (error) {
        settle();
        reject(error);
      }
    };
    const onData = (bytes: Buffer): void => attempt(() => handshake.receive(bytes));
    const onEnd = (): void => attempt(() => handshake.end());
    const onError = (error: Error): void => attempt(() => handshake.end(error));
    const onAbort = (): void => {
      attempt(() => {
        // A refusal whose body is slow is still a refusal.
        if (handshake.isRefused) handshake.end();
        throw signal.reason;
      });
    };
    socket.on("data", onData).on("end", onEnd).on("error", onError).on("close", onEnd);
    signal.addEventListener("abort", onAbort, { once: true });
    socket.write(handshake.request);
    // A proxy's dialogue leaves it paused.
    socket.resume();
    if (signal.aborted) onAbort();
  });
}

function isForProxy(name: string): boolean {
  return name.toLowerCase() === "proxy-authorization";
}

function requestHeaders({ headers = [] }: ConnectOptions): [string, string][] {
  return fieldsOf(headers);
}

function timeoutError({ url }: Destination, timeoutMs: number, { phase }: Trip): HandshakeError {
  return new HandshakeError(
    "HAWSER_HANDSHAKE_TIMEOUT",
    `no WebSocket connection to ${url.host} within ${timeoutMs} ms (handshakeTimeoutMs); the time was up at: ${phase}`,
    { phase },
  );
}

function clientGroup(options: ConnectOptions): LinkGroup {
  const resolved = resolveConnectionOptions(options, clientDefaults);
  return {
    options: resolved,
    endpointOptions: {
      role: "client",
      platform: nodePlatform,
      blocks: nodeBlocks,
      events: linkEvents,
      maxMessageBytes: resolved.maxMessageBytes,
      maxFragments: resolved.maxFragments,
      binaryViews: resolved.binaryViews,
    },
    heartbeat: heartbeatFor(resolved.pingIntervalMs, resolved.pongTimeoutMs),
    links: new Set(),
    counters: newCounters(),
    watchesWire: false,
    onClosed: () => undefined,
  };
}
