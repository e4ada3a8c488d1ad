// WebSocketStream, as proposed for the standard (https://github.com/ricea/websocketstream-explainer) and
// shipped by Chromium: a WebSocket as a pair of streams, with backpressure both ways.

import { fromCloseInfo, type WebSocketCloseInfo } from "./close-arguments.ts";
import { Deferred } from "./deferred.ts";
import { toExtras, type WebSocketExtras } from "./options.ts";
import { type Received, StreamPair, type Writable } from "./stream-pair.ts";
import { checkSubprotocols } from "./subprotocols.ts";
import { toUrlRecord } from "./url.ts";
import { beginHandshake, type Handshake, tell, type WebFace, type WebLink } from "./web-link.ts";
import { notCleanlyClosed, notConnected } from "./web-socket-error.ts";
import {
  defineInterface,
  illegalInvocation,
  requireArguments,
  toDictionary,
  toSequence,
  toUsvString,
} from "./webidl.ts";

/** How to connect. */
export interface WebSocketStreamOptions {
  /** The subprotocols to ask for; the server has to choose one. */
  protocols?: readonly string[];
  /** Gives up connecting; of no effect once connected. */
  signal?: AbortSignal;
}

/** What `opened` resolves with. */
export interface WebSocketOpenInfo {
  /** The extensions in use; "" for none. */
  extensions: string;
  /** The subprotocol that the server chose; "" for none. */
  protocol: string;
  /** The messages: text as strings, binary as ArrayBuffers. */
  readable: ReadableStream<Received>;
  /** Takes strings as text, bytes as binary, and what is neither as its string. */
  writable: WritableStream<Writable>;
}

/** Whether it is one that the constructor made. */
let isOne: (value: unknown) => boolean;

/** A client's WebSocket as a pair of streams. */
export class WebSocketStream {
  readonly #url: URL;
  readonly #opened = new Deferred<WebSocketOpenInfo>();
  readonly #closed = new Deferred<WebSocketCloseInfo>();
  readonly #error: WebSocketExtras["error"];
  #handshake: Handshake | undefined;
  #pair: StreamPair | undefined;
  #isGivenUp = false;

  static {
    isOne = (value) => typeof value === "object" && value !== null && #url in value;
  }

  /**
   * Begins to connect.
   *
   * @param url ws:, wss:, or http: and https: for the same
   * @param extras what Node can do beyond the standard: header fields, TLS, limits and times
   * @throws DOMException SyntaxError for the URL and the subprotocols; UsageError for an extra
   */
  constructor(url: string | URL, options?: WebSocketStreamOptions, extras?: WebSocketExtras) {
    requireArguments("WebSocketStream", arguments.length, 1);
    const given = toUsvString(url);
    const { protocols, signal } = toDictionary(options, "WebSocketStreamOptions");
    const subprotocols = protocols === undefined ? [] : toSequence(protocols);
    const aborting = signal === undefined ? undefined : toSignal(signal);
    const more = toExtras(extras);
    const record = toUrlRecord(given);
    checkSubprotocols(subprotocols);
    this.#url = record;
    this.#error = more.error;
    if (aborting?.aborted === true) this.#aborted(aborting);
    else this.#connect(subprotocols, more, aborting);
  }

  #connect(protocols: string[], extras: WebSocketExtras, signal: AbortSignal | undefined): void {
    const face: WebFace = {
      webSocket: this,
      received: (message) => this.#pair?.received(message),
      peerClosed: () => this.#pair?.peerClosed(),
      socketGone: () => this.#pair?.socketGone(),
      ended: ({ code, reason, ...rest }) => {
        const error = this.#pair?.ended({ code, reason, ...rest });
        if (error === undefined) this.#closed.resolve({ closeCode: code, reason });
        else this.#closed.reject(error);
      },
    };
    const handshake = beginHandshake(this.#url, protocols, extras, face);
    this.#handshake = handshake;
    const onAbort = (): void => this.#aborted(signal as AbortSignal);
    signal?.addEventListener("abort", onAbort, { once: true });
    const settled = (): void => signal?.removeEventListener("abort", onAbort);
    handshake.link.finally(settled).then(
      (link) => this.#connected(link),
      (error: unknown) => this.#refused(error),
    );
  }

  // ---- Attributes

  /** The URL, with scheme ws or wss. */
  get url(): string {
    if (!isOne(this)) throw illegalInvocation();
    return this.#url.href;
  }

  /**
   * Resolves when the connection is open; rejects with a WebSocketError when it can't be made, or with the
   * reason of the signal.
   */
  get opened(): Promise<WebSocketOpenInfo> {
    return isOne(this) ? this.#opened.promise : Promise.reject(illegalInvocation());
  }

  /**
   * Resolves when the connection has ended with both Close frames; rejects with a WebSocketError when it
   * ended otherwise, or never was.
   */
  get closed(): Promise<WebSocketCloseInfo> {
    return isOne(this) ? this.#closed.promise : Promise.reject(illegalInvocation());
  }

  // ---- Operations

  /**
   * Closes the connection, behind all that was written; while connecting, gives up. Does nothing when that
   * has begun already.
   *
   * @throws DOMException InvalidAccessError for the code, SyntaxError for the reason
   */
  close(closeInfo?: WebSocketCloseInfo): void {
    if (!isOne(this)) throw illegalInvocation();
    const given = fromCloseInfo(closeInfo);
    if (this.#pair !== undefined) return this.#pair.close(given);
    this.#isGivenUp = true;
    this.#handshake?.abort();
  }

  // ---- What the connection does

  #connected(link: WebLink): void {
    if (this.#isGivenUp) {
      // Given up between the server's answer and here.
      link.terminate();
      return this.#refused(undefined);
    }
    this.#pair = new StreamPair(link);
    const { readable, writable } = this.#pair;
    const { extensions, protocol } = link;
    this.#opened.resolve({ extensions, protocol, readable, writable });
  }

  #aborted(signal: AbortSignal): void {
    this.#isGivenUp = true;
    this.#opened.reject(signal.reason);
    this.#closed.reject(signal.reason);
    this.#handshake?.abort();
  }

  #refused(error: unknown): void {
    const cause = this.#isGivenUp ? undefined : error;
    if (cause !== undefined) tell(this.#error, cause);
    this.#opened.reject(notConnected(cause));
    this.#closed.reject(notCleanlyClosed(1006, "", cause));
  }
}

/** A value as AbortSignal. @throws TypeError */
function toSignal(value: unknown): AbortSignal {
  if (value instanceof AbortSignal) return value;
  throw new TypeError("The option signal is no AbortSignal.");
}

defineInterface(WebSocketStream, {
  members: ["url", "opened", "closed", "close"],
  required: { constructor: 1, close: 0 },
});
