// Where the sockets of our own listening server begin. The first bytes of nearly all WebSocket clients
// are one whole request in good order: that is read here, and Node's HTTP server has no part in it, which
// makes a handshake as cheap as that server with a fixed answer is (`npm run bench -- --scenario handshake`).
// Everything else, the slow, the malformed, the refused and what is no handshake, goes to Node with all
// of its bytes, so that its limits, time-outs and answers hold as they do without a reception.

import { Buffer } from "node:buffer";
import type { Server as HttpServer } from "node:http";
import type { Socket } from "node:net";
import {
  type HandshakeOffer,
  type HandshakeRules,
  isHttpRequest,
  readWholeRequest,
} from "../protocol/index.ts";
import { ParsedRequest } from "./parsed-request.ts";
import { disown, own, type SocketOwner } from "./socket-owner.ts";

/** What a reception works with. */
export interface ReceptionOptions {
  readonly rules: HandshakeRules;
  /** Milliseconds after which, at the latest, a socket that has said nothing goes to Node. */
  readonly patienceMs: number;
  /** Goes on with a handshake that is in order. */
  accept(request: ParsedRequest, offer: HandshakeOffer, early: Buffer): void;
  /** Gives a socket to Node's HTTP server. */
  toHttp(socket: Socket): void;
}

/**
 * Puts a reception before an HTTP server: it listens to new sockets in place of Node's own listener, which
 * gets those that are handed over. Undefined, and nothing is changed, when there is not just that one.
 *
 * @param event "connection", or "secureConnection" of a server with TLS
 */
export function receiveFirst(
  http: HttpServer,
  event: "connection" | "secureConnection",
  options: Omit<ReceptionOptions, "toHttp">,
): Reception | undefined {
  const [listener, ...others] = http.listeners(event);
  if (listener === undefined || others.length > 0) return undefined;
  const reception = new Reception({
    ...options,
    toHttp: (socket) => void Reflect.apply(listener, http, [socket]),
  });
  http.removeListener(event, listener as (socket: Socket) => void);
  http.on(event, (socket: Socket) => reception.take(socket));
  return reception;
}

export class Reception implements SocketOwner {
  readonly #options: ReceptionOptions;
  /** Sockets that have said nothing. */
  readonly #silent = new Set<Socket>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: ReceptionOptions) {
    this.#options = options;
  }

  /** A socket was accepted. */
  take(socket: Socket): void {
    if (this.#isClosed) return this.#options.toHttp(socket);
    own(socket, this);
    this.#silent.add(socket);
    this.#timer ??= setTimeout(() => this.#handOverSilent(), this.#options.patienceMs).unref();
  }

  /** From now on everything goes to Node. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#handOverSilent();
  }

  /** The first bytes of a socket. */
  socketRead(bytes: Uint8Array, end: number, socket: Socket): void {
    const { rules, accept } = this.#options;
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, end);
    const text = chunk.toString("latin1", 0, rules.maxHeaderBytes + rules.maxUrlBytes);
    const request = readWholeRequest(text, rules);
    const early = chunk.subarray(request?.byteLength);
    if (request === undefined || isHttpRequest(early)) {
      this.#handOver(socket, chunk);
      return;
    }
    this.#silent.delete(socket);
    accept(new ParsedRequest(socket, request), request.offer, early);
  }

  /** One that ends without a word has nothing to say to Node, either. */
  socketEnded(socket: Socket): void {
    socket.destroy();
  }

  socketFailed(): void {}

  socketClosed(socket: Socket): void {
    this.#silent.delete(socket);
  }

  #handOver(socket: Socket, chunk?: Uint8Array): void {
    this.#silent.delete(socket);
    disown(socket);
    if (chunk === undefined) return this.#options.toHttp(socket);
    // Paused, so that the bytes that are put back are read by Node's listeners, and before all others.
    socket.pause();
    socket.unshift(Buffer.from(chunk));
    this.#options.toHttp(socket);
    socket.resume();
  }

  #handOverSilent(): void {
    this.#timer = undefined;
    for (const socket of this.#silent) this.#handOver(socket);
  }
}
