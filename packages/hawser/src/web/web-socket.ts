// The WebSocket of the WHATWG's standard (https://websockets.spec.whatwg.org), over the same link as all
// else. What it does where the standard leaves the choice, or has a page in mind, is in docs/reference.

import { Buffer } from "node:buffer";
import type { Closed } from "../node/link.ts";
import { type Message, TransportError } from "../protocol/index.ts";
import { toCloseArguments } from "./close-arguments.ts";
import { CloseEvent } from "./close-event.ts";
import { EventHandlers } from "./event-handlers.ts";
import { fire, nextTask } from "./fire.ts";
import { toArrayBuffer, toMessage } from "./message.ts";
import type { WebSocketExtras } from "./options.ts";
import { SendQueue } from "./send-queue.ts";
import { checkSubprotocols } from "./subprotocols.ts";
import { toUrlRecord } from "./url.ts";
import { beginHandshake, type Handshake, tell, type WebFace, type WebLink } from "./web-link.ts";
import {
  defineInterface,
  illegalInvocation,
  requireArguments,
  toDictionary,
  toDomString,
  toStringOrSequence,
  toUsvString,
} from "./webidl.ts";

const ready = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const;

/** As what binary messages come. */
export type BinaryType = "blob" | "arraybuffer";

/** The events of a WebSocket. */
export interface WebSocketEventMap {
  open: Event;
  message: MessageEvent;
  error: Event;
  close: CloseEvent;
}

/** A handler of one of the events. */
type HandlerOf<Name extends keyof WebSocketEventMap> =
  | ((this: WebSocket, event: WebSocketEventMap[Name]) => unknown)
  | null;

type ListenerOptions = Parameters<EventTarget["addEventListener"]>[2];
type AnyListener = Parameters<EventTarget["addEventListener"]>[1];

// The methods are those of EventTarget; only their types know the events.
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export interface WebSocket {
  addEventListener<Name extends keyof WebSocketEventMap>(
    type: Name,
    listener: (this: WebSocket, event: WebSocketEventMap[Name]) => unknown,
    options?: ListenerOptions,
  ): void;
  addEventListener(type: string, listener: AnyListener, options?: ListenerOptions): void;
  removeEventListener<Name extends keyof WebSocketEventMap>(
    type: Name,
    listener: (this: WebSocket, event: WebSocketEventMap[Name]) => unknown,
    options?: Parameters<EventTarget["removeEventListener"]>[2],
  ): void;
  removeEventListener(
    type: string,
    listener: AnyListener,
    options?: Parameters<EventTarget["removeEventListener"]>[2],
  ): void;
}

/** The value itself, when it is one that the constructor made. @throws TypeError */
let check: (value: WebSocket) => WebSocket;

/** A client's WebSocket as browsers have it. */
export class WebSocket extends EventTarget {
  static readonly CONNECTING: 0 = ready.CONNECTING;
  static readonly OPEN: 1 = ready.OPEN;
  static readonly CLOSING: 2 = ready.CLOSING;
  static readonly CLOSED: 3 = ready.CLOSED;
  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;

  readonly #url: URL;
  readonly #handshake: Handshake;
  readonly #error: WebSocketExtras["error"];
  readonly #handlers: EventHandlers = new EventHandlers(this);
  readonly #queue: SendQueue = new SendQueue((error) => this.#unreadable(error));
  #readyState: 0 | 1 | 2 | 3 = ready.CONNECTING;
  #binaryType: BinaryType = "blob";
  #link: WebLink | undefined;
  #hasFailed = false;

  static {
    check = (value) => {
      if (typeof value === "object" && value !== null && #url in value) return value;
      throw illegalInvocation();
    };
  }

  /**
   * Begins to connect.
   *
   * @param url ws:, wss:, or http: and https: for the same
   * @param protocols the subprotocols to ask for; the server has to choose one
   * @param extras what Node can do beyond the standard: header fields, TLS, limits and times
   * @throws DOMException SyntaxError for the URL and the subprotocols; UsageError for an extra
   */
  constructor(url: string | URL, protocols?: string | readonly string[], extras?: WebSocketExtras) {
    requireArguments("WebSocket", arguments.length, 1);
    const given = toUsvString(url);
    const subprotocols = protocols === undefined ? [] : toStringOrSequence(protocols);
    const more: WebSocketExtras = toDictionary(extras, "WebSocketExtras");
    const record = toUrlRecord(given);
    checkSubprotocols(subprotocols);
    super();
    const face: WebFace = {
      received: (message) => this.#received(message),
      ended: (closed) => this.#ended(closed),
    };
    this.#url = record;
    this.#error = more.error;
    this.#handshake = beginHandshake(record, subprotocols, more, face);
    this.#handshake.link.then(
      (link) => this.#opened(link),
      (error: unknown) => this.#refused(error),
    );
  }

  // ---- Attributes

  /** The URL, with scheme ws or wss. */
  get url(): string {
    return check(this).#url.href;
  }

  /** CONNECTING, OPEN, CLOSING from the first Close frame on, whoever sent it, or CLOSED. */
  get readyState(): 0 | 1 | 2 | 3 {
    const state = check(this).#readyState;
    return state === ready.OPEN && this.#link?.isOpen !== true ? ready.CLOSING : state;
  }

  /** Bytes of content that were queued with `send` and have not gone to the network yet. */
  get bufferedAmount(): number {
    return check(this).#queue.bufferedAmount;
  }

  /** The extensions in use; "" for none. */
  get extensions(): string {
    return check(this).#link?.extensions ?? "";
  }

  /** The subprotocol that the server chose; "" for none. */
  get protocol(): string {
    return check(this).#link?.protocol ?? "";
  }

  /** As what binary messages come: "blob", the default, or "arraybuffer". */
  get binaryType(): BinaryType {
    return check(this).#binaryType;
  }

  set binaryType(value: BinaryType) {
    check(this);
    const given = toDomString(value);
    // What is no value of an enumeration is ignored.
    if (given === "blob" || given === "arraybuffer") this.#binaryType = given;
  }

  get onopen(): HandlerOf<"open"> {
    return check(this).#handlers.get("open");
  }

  set onopen(handler: HandlerOf<"open">) {
    check(this).#handlers.set("open", handler);
  }

  get onmessage(): HandlerOf<"message"> {
    return check(this).#handlers.get("message");
  }

  set onmessage(handler: HandlerOf<"message">) {
    check(this).#handlers.set("message", handler);
  }

  get onerror(): HandlerOf<"error"> {
    return check(this).#handlers.get("error");
  }

  set onerror(handler: HandlerOf<"error">) {
    check(this).#handlers.set("error", handler);
  }

  get onclose(): HandlerOf<"close"> {
    return check(this).#handlers.get("close");
  }

  set onclose(handler: HandlerOf<"close">) {
    check(this).#handlers.set("close", handler);
  }

  // ---- Operations

  /**
   * Sends a message: bytes and Blobs as binary, all else as text. Once the connection closes, what is sent
   * only counts in `bufferedAmount`.
   *
   * @throws DOMException InvalidStateError while connecting
   */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
    check(this);
    requireArguments("WebSocket.send", arguments.length, 1);
    const message = data instanceof Blob ? data : toMessage(data);
    if (this.#readyState === ready.CONNECTING) {
      throw new DOMException("Still in CONNECTING state.", "InvalidStateError");
    }
    this.#queue.send(message);
  }

  /**
   * Closes, behind all that was sent; does nothing when that has begun already. While connecting: gives up.
   *
   * @param code 1000 or 3000 to 4999; without it the Close frame carries none
   * @param reason at most 123 bytes of UTF-8
   * @throws DOMException InvalidAccessError for the code, SyntaxError for the reason
   */
  close(code?: number, reason?: string): void {
    const { readyState } = check(this);
    const given = toCloseArguments(code, reason);
    if (readyState >= ready.CLOSING) return;
    this.#readyState = ready.CLOSING;
    if (readyState === ready.CONNECTING) this.#handshake.abort();
    else this.#queue.close(() => this.#link?.close(given.code, given.reason));
  }

  // ---- What the connection does

  #opened(link: WebLink): void {
    this.#link = link;
    if (this.#readyState === ready.CLOSING) {
      // Closed between the server's answer and here: the page never hears of the connection.
      this.#hasFailed = true;
      link.terminate();
      return;
    }
    this.#queue.open(link);
    this.#readyState = ready.OPEN;
    fire(this, new Event("open"));
  }

  #refused(error: unknown): void {
    if (this.#readyState === ready.CONNECTING) tell(this.#error, error);
    this.#readyState = ready.CLOSING;
    this.#hasFailed = true;
    // "queue a task": never in the same one as `close`.
    setImmediate(() => this.#ended({ code: 1006, reason: "", wasClean: false, error: undefined }));
  }

  #received(message: Message): void {
    if (this.#readyState !== ready.OPEN) return;
    const data = typeof message === "string" ? message : this.#toData(message);
    // The next one comes in a task of its own.
    this.#link?.hold();
    nextTask(() => this.#link?.release());
    fire(this, new MessageEvent("message", { data, origin: this.#url.origin }));
  }

  #toData(bytes: Uint8Array): Blob | ArrayBuffer {
    return this.#binaryType === "blob" ? new Blob([Buffer.from(bytes)]) : toArrayBuffer(bytes);
  }

  #unreadable(error: unknown): void {
    tell(this.#error, error);
    this.#hasFailed = true;
    this.#readyState = ready.CLOSING;
    this.#link?.terminate();
  }

  #ended({ code, reason, wasClean, error }: Closed): void {
    this.#readyState = ready.CLOSED;
    const close = (): void => fire(this, new CloseEvent("close", { code, reason, wasClean }));
    if (!this.#hasFailed && !isFailure(error)) return close();
    fire(this, new Event("error"));
    nextTask(close);
  }
}

/** Whether we had "to fail the WebSocket connection": a connection that breaks only closes. */
function isFailure(error: Error | undefined): boolean {
  if (error === undefined) return false;
  return !(error instanceof TransportError && error.code === "HAWSER_TRANSPORT");
}

defineInterface(WebSocket, {
  members: [
    "url",
    "readyState",
    "bufferedAmount",
    "onopen",
    "onerror",
    "onclose",
    "extensions",
    "protocol",
    "close",
    "onmessage",
    "binaryType",
    "send",
  ],
  required: { constructor: 1, close: 0, send: 1 },
  constants: ready,
});
