// HTTP/2 beside HTTP/1.1 on one port: the TLS server gives the sockets on which ALPN has chosen h2 to an HTTP/2 server
// that listens nowhere. Its streams are WebSockets, or plain requests with the faces that those of HTTP/1.1 have.

import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import {
  constants,
  createServer,
  type Http2Server,
  Http2ServerRequest,
  Http2ServerResponse,
  type IncomingHttpHeaders as Http2Headers,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { TLSSocket } from "node:tls";
import type { HandshakeRules } from "../../protocol/index.ts";
import type { ResolvedHttp2Options } from "./options.ts";
import { SessionGuard } from "./session-guard.ts";
import { widenWindow } from "./session-window.ts";
import { isExtendedConnect } from "./take-stream.ts";

/** What the HTTP/2 server does with its streams. */
export interface Http2ListenerOptions {
  readonly rules: HandshakeRules;
  /** Milliseconds for the first stream of a session. */
  readonly handshakeTimeoutMs: number;
  readonly limits: ResolvedHttp2Options;
  /** An extended CONNECT. */
  onConnect(stream: ServerHttp2Stream, headers: Http2Headers, raw: readonly string[]): void;
  /** Any other request. */
  onRequest(request: IncomingMessage, response: ServerResponse): void;
}

/** Of a field line, beside name and value (RFC 9113 §6.5.2, SETTINGS_MAX_HEADER_LIST_SIZE). */
const fieldOverheadBytes = 32;

/** Without anything said in it for so long, a plain request is given up: as for HTTP/1.1. */
const silentRequestMs = 300_000;

export class Http2Listener {
  readonly #options: Http2ListenerOptions;
  readonly #http: Http2Server;
  readonly #guards = new WeakMap<ServerHttp2Session, SessionGuard>();
  readonly #sessions = new Set<ServerHttp2Session>();
  #isClosing = false;

  constructor(options: Http2ListenerOptions) {
    this.#options = options;
    const { rules, limits } = options;
    this.#http = createServer({
      // Ours stand before Node's, and have better answers.
      maxHeaderListPairs: 2 * rules.maxHeaders,
      maxSessionMemory: Math.ceil(limits.maxSessionBytes / 1e6),
      settings: {
        enableConnectProtocol: true,
        maxConcurrentStreams: limits.maxStreams,
        maxHeaderListSize:
          2 * (rules.maxHeaderBytes + rules.maxUrlBytes + fieldOverheadBytes * rules.maxHeaders),
      },
    });
    this.#http.on("session", (session: ServerHttp2Session) => this.#begin(session));
    this.#http.on(
      "stream",
      (stream: ServerHttp2Stream, headers: Http2Headers, _flags: number, raw: string[]) =>
        this.#take(stream, headers, raw),
    );
  }

  /** Takes the sockets of the TLS server on which h2 was chosen; all others stay with its listeners. */
  divertFrom(https: HttpServer): void {
    const listeners = https.listeners("secureConnection");
    https.removeAllListeners("secureConnection");
    https.on("secureConnection", (socket: TLSSocket) => {
      if (socket.alpnProtocol === "h2") this.#http.emit("connection", socket);
      else for (const listener of listeners) Reflect.apply(listener, https, [socket]);
    });
  }

  /** Takes no more streams, and says so (GOAWAY); a session ends with its last one. */
  close(): void {
    this.#isClosing = true;
    for (const session of this.#sessions) session.close();
  }

  destroyAll(): void {
    for (const session of this.#sessions) session.destroy();
  }

  #begin(session: ServerHttp2Session): void {
    const { handshakeTimeoutMs, limits } = this.#options;
    widenWindow(session);
    this.#sessions.add(session);
    session.once("close", () => this.#sessions.delete(session));
    const guard = new SessionGuard(
      session,
      handshakeTimeoutMs,
      limits.idleTimeoutMs,
      limits.maxStreams,
    );
    this.#guards.set(session, guard);
    if (this.#isClosing) session.close();
  }

  #take(stream: ServerHttp2Stream, headers: Http2Headers, raw: readonly string[]): void {
    if (stream.session !== undefined) {
      this.#guards.get(stream.session as ServerHttp2Session)?.opened(stream);
    }
    if (isExtendedConnect(headers)) {
      this.#options.onConnect(stream, headers, raw);
      return;
    }
    stream.setTimeout(silentRequestMs, () => stream.close(constants.NGHTTP2_CANCEL));
    const request = new Http2ServerRequest(stream, headers, {}, raw);
    const response = new Http2ServerResponse(stream);
    this.#options.onRequest(
      request as unknown as IncomingMessage,
      response as unknown as ServerResponse,
    );
  }
}
