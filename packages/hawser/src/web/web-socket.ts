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
import { toExtras, type WebSocketExtras } from "./options.ts";
import { SendQueue } from "./send-queue.ts";
import { checkSubprotocols } from "./subprotocols.ts";
import { toUrlRecord } from "./url.ts";
import { beginHandshake, type Handshake, tell, type WebFace, type WebLink } from "./web-link.ts";
import type {
  BinaryType,
  HandlerOf,
  WebSocketConstructor,
  WebSocket as WebSocketInterface,
} from "./web-socket-types.ts";
import {
  defineInterface,
  illegalInvocation,
  requireArguments,
  toDomString,
  toStringOrSequence,
  toUsvString,
} from "./webidl.ts";

const ready = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const;

/** The value itself, when it is one that the constructor made. @throws TypeError */
let check: (value: OwnWebSocket) => OwnWebSocket;

class OwnWebSocket extends EventTarget {
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

  constructor(url: string | URL, protocols?: string | readonly string[], extras?: WebSocketExtras) {
    requireArguments("WebSocket", arguments.length, 1);
    const given = toUsvString(url);
    const subprotocols = protocols === undefined ? [] : toStringOrSequence(protocols);
    const more = toExtras(extras);
    const record = toUrlRecord(given);
    checkSubprotocols(subprotocols);
    super();
    const face: WebFace = {
      webSocket: this,
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

  get url(): string {
    return check(this).#url.href;
  }

  get readyState(): 0 | 1 | 2 | 3 {
    const state = check(this).#readyState;
    return state === ready.OPEN && this.#link?.isOpen !== true ? ready.CLOSING : state;
  }

  get bufferedAmount(): number {
    return check(this).#queue.bufferedAmount;
  }

  get extensions(): string {
    return check(this).#link?.extensions ?? "";
  }

  get protocol(): string {
    return check(this).#link?.protocol ?? "";
  }

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

  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
    check(this);
    requireArguments("WebSocket.send", arguments.length, 1);
    const message = data instanceof Blob ? data : toMessage(data);
    if (this.#readyState === ready.CONNECTING) {
      throw new DOMException("Still in CONNECTING state.", "InvalidStateError");
    }
    this.#queue.send(message);
  }

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
    this.#hasFailed = true;
    this.#readyState = ready.CLOSING;
    this.#link?.report(error);
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

Object.defineProperty(OwnWebSocket, "name", { value: "WebSocket" });
defineInterface(OwnWebSocket, {
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

/** A client's WebSocket as browsers have it. */
export type WebSocket = WebSocketInterface;
export const WebSocket: WebSocketConstructor = OwnWebSocket as unknown as WebSocketConstructor;
