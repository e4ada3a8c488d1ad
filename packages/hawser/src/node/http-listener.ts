// The HTTP server that a Server makes for itself: created with our limits, listening, answering what is
// no upgrade, refusing what is no HTTP, and closing. Node parses all but handshakes in order, which the
// reception takes; its limits stand behind ours, which give better answers.

import type { Buffer } from "node:buffer";
import { once } from "node:events";
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerOptions as HttpOptions,
  ServerResponse,
} from "node:http";
import type { IncomingHttpHeaders as Http2Headers, ServerHttp2Stream } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { SecureContextOptions, TlsOptions } from "node:tls";
import {
  HandshakeError,
  type HandshakeOffer,
  type HandshakeRules,
  type RefusalCode,
  refusal,
  serializeRefusal,
  TransportError,
} from "../protocol/index.ts";
import { endSocket } from "./end-socket.ts";
import { answerWithFetch, type FetchHandler } from "./fetch.ts";
import { Http2Listener } from "./http2/http2-listener.ts";
import { type Http2Options, resolveHttp2Options } from "./http2/options.ts";
import type { ParsedRequest } from "./parsed-request.ts";
import { nodePlatform } from "./platform.ts";
import { optionError } from "./check-option.ts";
import { changeSecureContext } from "./secure-context.ts";
import { type Reception, receiveFirst } from "./reception.ts";
import { factsOf, type TrustedProxies } from "./trusted-proxies.ts";

/** Where a server listens. */
export interface ListenOptions {
  /** The port; 0 picks a free one. Default 0. */
  readonly port?: number | undefined;
  /** The address to listen on. Default: all of them, IPv6 and IPv4. */
  readonly hostname?: string | undefined;
  /** A unix socket's path, instead of a port. */
  readonly unix?: string | undefined;
  /** TLS: at least `cert` and `key`, as `node:tls` takes them. */
  readonly tls?: TlsOptions | undefined;
  /** With `tls`: HTTP/2 on the same port, for clients that choose it, WebSockets included. Default false. */
  readonly http2?: boolean | Http2Options | undefined;
  /** How many connections may wait to be accepted. Default Node's, 511. */
  readonly backlog?: number | undefined;
  /**
   * Lets other processes listen on the port, too; the system spreads the connections (SO_REUSEPORT). Needs
   * Node 22.12, or 23.1, or later. Default false.
   */
  readonly reusePort?: boolean | undefined;
}

/** What the HTTP server does with requests. */
export interface HttpListenerOptions {
  readonly rules: HandshakeRules;
  readonly handshakeTimeoutMs: number;
  readonly fetch: FetchHandler | undefined;
  readonly proxies: TrustedProxies | undefined;
  /** Goes on with a handshake that is in order. */
  accept(request: ParsedRequest, offer: HandshakeOffer, early: Buffer): void;
  /** Goes on with an extended CONNECT of HTTP/2. */
  acceptStream(stream: ServerHttp2Stream, headers: Http2Headers, raw: readonly string[]): void;
  /** Something failed that is no client's fault. */
  onError(error: unknown, isFromHandler: boolean): void;
}

export class HttpListener {
  readonly http: HttpServer;
  readonly #options: HttpListenerOptions;
  #tls: SecureContextOptions | undefined;
  /** Such as "ws://localhost:8080". */
  url = "";
  #listening: Promise<void> = Promise.resolve();
  /** Sockets that Node's HTTP server has let go of and that are no connections. */
  readonly #untracked = new Set<Duplex>();
  readonly #reception: Reception | undefined;
  readonly #http2: Http2Listener | undefined;
  /** Responses that are not finished. */
  #answering = 0;
  #onAnswered: (() => void) | undefined;

  /** @throws UsageError HAWSER_OPTION_INVALID */
  constructor(options: HttpListenerOptions, { tls, http2 }: ListenOptions) {
    this.#options = options;
    const limits = resolveHttp2Options(http2, tls !== undefined);
    this.http = createHttp(options, tls, limits === undefined ? ["http/1.1"] : ["h2", "http/1.1"]);
    this.#tls = tls;
    const event = tls === undefined ? "connection" : "secureConnection";
    this.#reception = receiveFirst(this.http, event, {
      rules: options.rules,
      patienceMs: checkMsFor(options.handshakeTimeoutMs),
      accept: (request, offer, early) => options.accept(request, offer, early),
    });
    if (limits !== undefined) {
      this.#http2 = new Http2Listener({
        ...options,
        limits,
        onConnect: (stream, headers, raw) => options.acceptStream(stream, headers, raw),
        onRequest: (request, response) => this.#answer(request, response),
      });
      this.#http2.divertFrom(this.http);
    }
    this.http.on("request", (request, response) => this.#answer(request, response));
    this.http.on("clientError", (error: ClientError, socket: Duplex) =>
      refuseClient(error, socket, options.rules),
    );
  }

  /** @throws TransportError HAWSER_ADDRESS_IN_USE, HAWSER_LISTEN */
  async listen(options: ListenOptions): Promise<void> {
    const { http } = this;
    this.#listening = startListening(http, options);
    await this.#listening;
    // A server that can't accept just now (EMFILE) goes on when it can.
    http.on("error", (error) => this.#options.onError(error, false));
    this.url = urlOf(http, options);
  }

  /** @throws UsageError HAWSER_NO_TLS, HAWSER_OPTION_INVALID */
  setSecureContext(changes: SecureContextOptions): void {
    this.#tls = changeSecureContext(this.http, this.#tls, changes);
  }

  /** Accepts no more, from this call on; resolves once the last socket is gone. */
  close(): Promise<void> {
    if (this.http.listening) return this.#end();
    // About to listen: nothing can be closed before it does.
    return this.#listening.catch(() => undefined).then(() => this.#end());
  }

  #end(): Promise<void> {
    this.url = "";
    this.#reception?.close();
    this.#http2?.close();
    return new Promise((resolve) => {
      this.http.close(() => resolve());
      this.http.closeIdleConnections();
    });
  }

  /** Ends all sockets that are no connections. */
  destroyAll(): void {
    this.http.closeAllConnections();
    this.#http2?.destroyAll();
    for (const socket of this.#untracked) socket.destroy();
  }

  /** Resolves once no plain request is being answered. */
  answered(): Promise<void> {
    if (this.#answering === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onAnswered = resolve;
    });
  }

  #answered(): void {
    this.#answering--;
    if (this.#answering === 0) this.#onAnswered?.();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.#answering++;
    response.once("close", () => this.#answered());
    const { fetch, onError, proxies } = this.#options;
    const { upgrade } = request.headers;
    // Without "Connection: Upgrade" Node takes a handshake for a plain request.
    if (upgrade?.toLowerCase() === "websocket") {
      answerWithRefusal(response, refusal("HAWSER_CONNECTION"));
      return;
    }
    if (fetch === undefined) {
      const isRead = request.method === "GET" || request.method === "HEAD";
      answerWithRefusal(response, refusal(isRead ? "HAWSER_UPGRADE_REQUIRED" : "HAWSER_METHOD"));
      return;
    }
    const client = proxies?.factsOf(request) ?? factsOf(request);
    answerWithFetch(fetch, request, response, client).catch((error: unknown) => {
      if (error instanceof HandshakeError) return answerWithRefusal(response, error);
      // A client that left in the middle of its own request is nobody's failure.
      if (request.destroyed && !request.complete) return response.destroy();
      onError(error, true);
      if (response.headersSent) return response.destroy();
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      return response.writeHead(500).end();
    });
  }

  /**
   * Answers a request for an upgrade to something else as the plain request that it is as well, and
   * returns true; false when it is to be refused. "A server MAY ignore a received Upgrade header
   * field" (RFC 9110 §7.8), and clients that prefer HTTP/2 offer h2c in each of them.
   */
  answerPlainly(request: IncomingMessage, socket: Duplex): boolean {
    const isRead = request.method === "GET" || request.method === "HEAD";
    const isOurs = request.headers.upgrade?.toLowerCase().includes("websocket") === true;
    if (this.#options.fetch === undefined || !isRead || isOurs) return false;
    // Node has let go of the socket, of its errors too.
    socket.on("error", () => socket.destroy());
    this.#untracked.add(socket);
    socket.once("close", () => this.#untracked.delete(socket));
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as Socket);
    response.once("finish", () => socket.end());
    this.#answer(request, response);
    return true;
  }
}

/** Node's own default for a whole request, body included. */
const nodeRequestTimeoutMs = 300_000;

function createHttp(
  { rules, handshakeTimeoutMs }: HttpListenerOptions,
  tls: TlsOptions | undefined,
  ALPNProtocols: string[],
): HttpServer {
  const checkMs = checkMsFor(handshakeTimeoutMs);
  const options: HttpOptions = {
    maxHeaderSize: rules.maxHeaderBytes + rules.maxUrlBytes,
    // A slow request is found at most one interval later, and was ours for one before.
    headersTimeout: Math.max(1, handshakeTimeoutMs - 2 * checkMs),
    requestTimeout: Math.max(nodeRequestTimeoutMs, handshakeTimeoutMs),
    connectionsCheckingInterval: checkMs,
  };
  const http =
    tls === undefined
      ? createHttpServer(options)
      : createHttpsServer({
          ...options,
          ALPNProtocols,
          handshakeTimeout: handshakeTimeoutMs,
          ...tls,
        });
  // Node leaves out fields beyond this count without a word, an Upgrade header too: we count them.
  http.maxHeadersCount = 0;
  return http;
}

/** How often is looked for requests that are slow. */
function checkMsFor(handshakeTimeoutMs: number): number {
  return Math.max(10, Math.floor(handshakeTimeoutMs / 10));
}

async function startListening(http: HttpServer, options: ListenOptions): Promise<void> {
  const { port = 0, hostname, unix, backlog, reusePort = false } = options;
  checkReusePort(reusePort);
  const where = unix === undefined ? { port, host: hostname } : { path: unix };
  try {
    const listening = once(http, "listening");
    const known = { ...where, backlog, reusePort };
    http.listen(known);
    await listening;
  } catch (error) {
    throw listenError(error as NodeJS.ErrnoException, options);
  }
}

/**
 * Where Node does not know the option, it would listen without it, and nobody else could.
 *
 * @throws UsageError HAWSER_OPTION_INVALID
 */
function checkReusePort(reusePort: boolean): void {
  if (!reusePort) return;
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12)) return;
  throw optionError("reusePort", reusePort, "left out before Node 22.12");
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

/** A refusal for a request that Node took for a plain one. */
function answerWithRefusal(response: ServerResponse, error: HandshakeError): void {
  const isHttp1 = response.req.httpVersionMajor < 2;
  for (const [name, values] of error.headers)
    if (isHttp1 || name !== "upgrade") response.setHeader(name, values);
  if (isHttp1)
    response.setHeader("connection", error.headers.has("upgrade") ? "Upgrade, close" : "close");
  response.statusCode = error.status;
  response.end(error.body);
}

/** What Node tells of a request that it could not read: an error, and the bytes of its last packet. */
interface ClientError extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer;
}

/** Which refusal an error of Node's parser calls for; undefined when no HTTP was spoken at all. */
function clientErrorCode(
  { code = "", rawPacket }: ClientError,
  rules: HandshakeRules,
): RefusalCode | undefined {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return "HAWSER_HANDSHAKE_TIMEOUT";
  if (!code.startsWith("HPE_")) return undefined;
  if (code !== "HPE_HEADER_OVERFLOW") return "HAWSER_REQUEST_MALFORMED";
  // Node counts the URL among the headers: whether it was that, its line tells, if it came in one go.
  const isUrl = rawPacket?.subarray(0, rules.maxUrlBytes).includes("\r\n") === false;
  return isUrl && rawPacket.toString("latin1", 0, 4) === "GET "
    ? "HAWSER_URL_TOO_LONG"
    : "HAWSER_HEADERS_TOO_LARGE";
}

/** Node could not read the request: a reset, a TLS handshake that failed or never ended, or no HTTP. */
function refuseClient(error: ClientError, socket: Duplex, rules: HandshakeRules): void {
  const code = clientErrorCode(error, rules);
  if (code === undefined) socket.destroy();
  else endSocket(socket, serializeRefusal(nodePlatform, refusal(code)));
}
