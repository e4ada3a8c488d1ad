// Where the sockets of our own listening server begin. The first bytes of nearly all WebSocket clients
// are one whole request in good order: that is read here, and Node's HTTP server has no part in it, which
// takes a handshake from 102 to 80 µs of CPU time (`ws` 100, Node's server with a fixed answer 74).
// Everything else, the slow, the malformed, the refused and what is no handshake, goes to Node with all
// of its bytes, so that its limits, time-outs and answers hold as they do without a reception.

import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import {
  type HandshakeOffer,
  type HandshakeRules,
  isHttpRequest,
  readWholeRequest,
} from "../protocol/index.ts";
import { ignoreError } from "./end-socket.ts";
import { ParsedRequest } from "./parsed-request.ts";

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

export class Reception {
  readonly #options: ReceptionOptions;
  readonly #onData: (this: Socket, chunk: Buffer) => void;
  /** Sockets that have said nothing. */
  readonly #silent = new Set<Socket>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: ReceptionOptions) {
    this.#options = options;
    this.#onData = Reception.#listener(this);
  }

  /** One function for all sockets. */
  static #listener(reception: Reception): (this: Socket, chunk: Buffer) => void {
    return function onData(this: Socket, chunk: Buffer): void {
      reception.#receive(this, chunk);
    };
  }

  /** A socket was accepted. */
  take(socket: Socket): void {
    if (this.#isClosed) return this.#options.toHttp(socket);
    socket.on("error", ignoreError).on("data", this.#onData);
    this.#silent.add(socket);
    this.#timer ??= setTimeout(() => this.#handOverSilent(), this.#options.patienceMs).unref();
  }

  /** From now on everything goes to Node. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#handOverSilent();
  }

  #receive(socket: Socket, chunk: Buffer): void {
    const { rules, accept } = this.#options;
    const text = chunk.toString("latin1", 0, rules.maxHeaderBytes + rules.maxUrlBytes);
    const request = readWholeRequest(text, rules);
    const early = chunk.subarray(request?.byteLength);
    if (request === undefined || isHttpRequest(early)) {
      this.#handOver(socket, chunk);
      return;
    }
    this.#silent.delete(socket);
    socket.removeListener("data", this.#onData);
    accept(new ParsedRequest(socket, request), request.offer, early);
  }

  #handOver(socket: Socket, chunk?: Buffer): void {
    this.#silent.delete(socket);
    socket.removeListener("data", this.#onData).removeListener("error", ignoreError);
    if (socket.destroyed) return;
    if (chunk === undefined) {
      // One that has ended without a word has nothing to say to Node, either.
      if (socket.readableEnded) socket.destroy();
      else this.#options.toHttp(socket);
      return;
    }
    // Paused, so that the bytes that are put back are read by Node's listeners, and before all others.
    socket.pause();
    socket.unshift(chunk);
    this.#options.toHttp(socket);
    socket.resume();
  }

  #handOverSilent(): void {
    this.#timer = undefined;
    for (const socket of this.#silent) this.#handOver(socket);
  }
}
