// `WebSocket` of `ws`: an EventEmitter with the methods, properties and events of that library, on a link of
// ours. What is protocol happens below; what is here is how `ws` says it.

import { Buffer } from "node:buffer";
import { EventEmitter } from "node:events";
import type { ClientRequest } from "node:http";
import { nextTick } from "node:process";
import type { Duplex } from "node:stream";
import { share } from "../node/socket-owner.ts";
import type { AgreedExtension } from "../protocol/index.ts";
import { closePayload } from "./close-arguments.ts";
import { Opening } from "./opening.ts";
import type { ClientOptions, GivenClientOptions } from "./client-options.ts";
import {
  type BinaryType,
  binaryTypes,
  type BufferLike,
  byteLengthOf,
  inForm,
  type ReadBinaryType,
} from "./data.ts";
import { translated } from "./errors.ts";
import {
  addListener,
  attribute,
  endedCleanly,
  type Listener,
  removeListener,
  setAttribute,
} from "./event-target.ts";
import type { CloseEvent, ErrorEvent, Event, MessageEvent } from "./face/events.ts";
import { type GenerateMask, groupFor, type WsGroup } from "./group.ts";
import { makeListenersSmall } from "./listeners.ts";
import { sharedDefaults, type SharedOptions } from "./limits.ts";
import { CLOSED, CLOSING, CONNECTING, OPEN, type ReadyState, stateNames } from "./ready-state.ts";
import { SendingLink, type SendOptions } from "./sending-link.ts";
import { completeStandIn } from "./stand-in.ts";
import type { Face } from "./ws-link.ts";

export type { SendOptions } from "./sending-link.ts";

/** Called when something was written, or could not be. */
export type WrittenCallback = (error?: Error) => void;

/** What a server's socket is made with. */
export interface SocketOptions extends SharedOptions {
  readonly generateMask?: GenerateMask | undefined;
}

/** What was agreed on besides, for `setSocket`. */
export interface Negotiated {
  readonly protocol: string;
  readonly agreed: AgreedExtension | undefined;
}

const nothingNegotiated: Negotiated = { protocol: "", agreed: undefined };

/** How a connection ends that never was. */
const neverOpened = { code: 1006, reason: "" } as const;

const noBytes = Buffer.alloc(0);

export class WebSocket extends EventEmitter {
  // Defined below, as constants.
  declare static readonly CONNECTING: typeof CONNECTING;
  declare static readonly OPEN: typeof OPEN;
  declare static readonly CLOSING: typeof CLOSING;
  declare static readonly CLOSED: typeof CLOSED;
  declare readonly CONNECTING: typeof CONNECTING;
  declare readonly OPEN: typeof OPEN;
  declare readonly CLOSING: typeof CLOSING;
  declare readonly CLOSED: typeof CLOSED;

  #readyState: ReadyState = CONNECTING;
  #binaryType: BinaryType = "nodebuffer";
  #isPaused = false;
  /** Bytes that were given to `send` when they could not be sent any more. */
  #unsendableBytes = 0;
  #link: SendingLink<WebSocket> | undefined;
  #opening: Opening | undefined;
  /** Those that it was made with: a server's own, which its sockets share. */
  #options: SocketOptions;
  #isServer: boolean;
  #pendingPongs = 0;
  #isErrorEmitted = false;

  /**
   * Connects. A `null` address makes the server's end of a connection, for `setSocket`.
   *
   * @throws SyntaxError for a bad URL or subprotocol; RangeError for a version that is not supported
   */
  constructor(address: null);
  constructor(address: null, protocols: undefined, options: SocketOptions);
  constructor(address: string | URL, options?: GivenClientOptions);
  constructor(address: string | URL, protocols?: string | string[], options?: GivenClientOptions);
  constructor(
    address: string | URL | null,
    protocols?: string | string[] | GivenClientOptions,
    options?: GivenClientOptions | SocketOptions,
  ) {
    super();
    makeListenersSmall(this);
    this.#isServer = address === null;
    this.#options = (options as SocketOptions | undefined) ?? sharedDefaults;
    if (address !== null) this.#connect(address, protocols, options as ClientOptions | undefined);
  }

  #connect(
    address: string | URL,
    protocols: string | string[] | GivenClientOptions | undefined,
    options: ClientOptions | undefined,
  ): void {
    const isOptions =
      typeof protocols === "object" && protocols !== null && !Array.isArray(protocols);
    const given = isOptions ? (protocols as ClientOptions) : options;
    const offered = isOptions ? given?.protocols : protocols;
    const list = offered === undefined ? [] : Array.isArray(offered) ? offered : [offered];
    this.#opening = new Opening(this, given ?? {}, {
      opened: (socket, head, negotiated) => this.#open(socket, head, this.#options, negotiated),
      failed: (error) => this.#openingFailed(error),
    });
    this.#options = this.#opening.options;
    this.#opening.start(address, list as readonly string[]);
  }

  get binaryType(): ReadBinaryType {
    return this.#binaryType as ReadBinaryType;
  }

  /** Takes what is no such type in silence. */
  set binaryType(type: BinaryType) {
    if (binaryTypes.includes(type)) this.#binaryType = type;
  }

  /** Bytes that are queued, frame headers included, and those that came too late to be sent. */
  get bufferedAmount(): number {
    const link = this.#link;
    if (link === undefined) return this.#unsendableBytes;
    const bytes = this.#unsendableBytes + link.waitingBytes;
    if (link.laterBytes > 0) return bytes + link.laterBytes + link.socket.writableLength;
    // As `ws` has it, what the system takes at once is not waiting for anything.
    if (!link.socket.destroyed) link.writer.flush();
    return bytes + link.writer.bufferedBytes;
  }

  /** The names of the extensions in use. */
  get extensions(): string {
    return this.#link?.agreed?.response.name ?? "";
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  get protocol(): string {
    return this.#link?.protocol ?? "";
  }

  get readyState(): ReadyState {
    return this.#readyState;
  }

  /** Undefined on the server's side. */
  get url(): string {
    return this.#opening?.url as string;
  }

  get onopen(): ((event: Event) => void) | null {
    return attribute(this, "open") as never;
  }

  set onopen(listener: ((event: Event) => void) | null) {
    setAttribute(this, "open", listener);
  }

  get onmessage(): ((event: MessageEvent) => void) | null {
    return attribute(this, "message") as never;
  }

  set onmessage(listener: ((event: MessageEvent) => void) | null) {
    setAttribute(this, "message", listener);
  }

  get onclose(): ((event: CloseEvent) => void) | null {
    return attribute(this, "close") as never;
  }

  set onclose(listener: ((event: CloseEvent) => void) | null) {
    setAttribute(this, "close", listener);
  }

  get onerror(): ((event: ErrorEvent) => void) | null {
    return attribute(this, "error") as never;
  }

  set onerror(listener: ((event: ErrorEvent) => void) | null) {
    setAttribute(this, "error", listener);
  }

  // ---- Opening

  /** Makes this the end of a connection whose handshake is done. */
  setSocket(
    socket: Duplex,
    head: Buffer,
    options: SocketOptions = sharedDefaults,
    negotiated: Negotiated = nothingNegotiated,
  ): void {
    this.#open(socket, head, options, negotiated);
  }

  #open(socket: Duplex, head: Buffer, options: SocketOptions, negotiated: Negotiated): void {
    const isStandIn = completeStandIn(socket);
    const link = new SendingLink(this.#group(options), socket, negotiated, this, {
      isStepwise: options.allowSynchronousEvents === false,
      face: WebSocket.#face,
    });
    // Whoever made it looks at what is written.
    if (isStandIn) link.socketHeard();
    this.#link = link;
    const { setTimeout, setNoDelay } = socket as Partial<import("node:net").Socket>;
    // The end of the peer's side is answered by the connection, when whoever has paused goes on.
    if ("allowHalfOpen" in socket) socket.allowHalfOpen = true;
    // A time-out or delay that the request had is none of the connection's.
    if (setTimeout !== undefined) Reflect.apply(setTimeout, socket, [0]);
    if (setNoDelay !== undefined) Reflect.apply(setNoDelay, socket, []);
    link.start(head);
    this.#readyState = OPEN;
    this.emit("open");
  }

  #group(options: SocketOptions): WsGroup {
    const role = this.#isServer ? "server" : "client";
    const { closeTimeout = sharedDefaults.closeTimeout } = this.#options;
    return groupFor(role, options, closeTimeout);
  }

  #openingFailed(error: Error): void {
    this.#readyState = CLOSING;
    this.#isErrorEmitted = true;
    this.emit("error", error);
    this.emitClose();
  }

  // ---- What comes

  /** What the link tells, for all sockets. */
  static readonly #face: Face<WebSocket> = {
    message(ws, bytes, isText) {
      const form = isText ? "nodebuffer" : ws.#binaryType;
      if (form === "nodebuffer") ws.emit("message", bytes, !isText);
      else ws.emit("message", inForm(bytes, form, ws.#link?.endpoint.fragmentEnds), true);
    },
    ping(ws, payload) {
      const { autoPong } = "autoPong" in ws.#options ? ws.#options : sharedDefaults;
      if (autoPong) ws.#answerPing(payload);
      ws.emit("ping", payload);
    },
    pong(ws, payload) {
      ws.emit("pong", payload);
    },
    closing(ws) {
      if (ws.#readyState === OPEN) ws.#readyState = CLOSING;
    },
    failed(ws, error) {
      ws.#readyState = CLOSING;
      if (ws.#isErrorEmitted) return;
      ws.#isErrorEmitted = true;
      ws.emit("error", translated(error));
    },
    ended(ws, closed) {
      if (closed.wasClean) endedCleanly.add(ws);
      ws.#link?.endSending();
      ws.emitClose();
    },
  };

  #answerPing(payload: Buffer): void {
    if (this.#readyState !== OPEN) return;
    const most = this.#options.maxPendingAutoPongs ?? sharedDefaults.maxPendingAutoPongs;
    if (this.#pendingPongs >= most && most > 0) return this.terminate();
    this.#pendingPongs++;
    // The method that everybody sees: who puts in another one decides about the answer.
    this.pong(payload, !this.#isServer, () => void this.#pendingPongs--);
  }

  /** Says that it is over: `close`, the last event. */
  emitClose(): void {
    this.#readyState = CLOSED;
    const { code, reason } = this.#link?.endpoint.outcome ?? neverOpened;
    this.emit("close", code, reason === "" ? noBytes : Buffer.from(reason));
  }

  /** Stops reading. */
  pause(): void {
    if (this.#readyState === CONNECTING || this.#readyState === CLOSED) return;
    this.#isPaused = true;
    this.#link?.pauseByUser();
  }

  resume(): void {
    if (this.#readyState === CONNECTING || this.#readyState === CLOSED) return;
    this.#isPaused = false;
    this.#link?.resumeByUser();
  }

  // ---- Sending

  /**
   * Sends a message: a string or a number as text, anything else as binary.
   *
   * @throws Error while it is connecting
   */
  send(data: BufferLike, callback?: WrittenCallback): void;
  send(data: BufferLike, options: SendOptions, callback?: WrittenCallback): void;
  send(given: unknown, options?: SendOptions | WrittenCallback, callback?: WrittenCallback): void {
    if (this.#readyState === CONNECTING) throw this.#notOpen();
    const isShort = typeof options === "function";
    const written = isShort ? options : callback;
    const data = typeof given === "number" ? String(given) : given;
    if (this.#readyState !== OPEN) return this.#sendTooLate(data, written);
    (this.#link as SendingLink).send(data, isShort ? undefined : options, written);
  }

  ping(data?: unknown, mask?: boolean, callback?: (error: Error) => void): void;
  ping(data?: unknown, mask?: unknown, callback?: (error: Error) => void): void {
    this.#sendControl("ping", data, mask, callback as WrittenCallback | undefined);
  }

  pong(data?: unknown, mask?: boolean, callback?: (error: Error) => void): void;
  pong(data?: unknown, mask?: unknown, callback?: (error: Error) => void): void {
    this.#sendControl("pong", data, mask, callback as WrittenCallback | undefined);
  }

  #sendControl(
    kind: "ping" | "pong",
    given: unknown,
    givenMask: unknown,
    givenCallback: WrittenCallback | undefined,
  ): void {
    if (this.#readyState === CONNECTING) throw this.#notOpen();
    let [data, mask, callback] = [given, givenMask, givenCallback];
    if (typeof data === "function")
      [callback, data, mask] = [data as WrittenCallback, undefined, undefined];
    else if (typeof mask === "function") [callback, mask] = [mask as WrittenCallback, undefined];
    if (typeof data === "number") data = String(data);
    if (this.#readyState !== OPEN) return this.#sendTooLate(data, callback);
    const isMasked = mask === undefined ? !this.#isServer : Boolean(mask);
    (this.#link as SendingLink).sendControl(kind, data, isMasked, callback);
  }

  #sendTooLate(data: unknown, callback: WrittenCallback | undefined): void {
    this.#unsendableBytes += byteLengthOf(data);
    if (callback !== undefined) nextTick(callback, this.#notOpen());
  }

  #notOpen(): Error {
    const state = this.#readyState;
    return new Error(`WebSocket is not open: readyState ${state} (${stateNames[state]})`);
  }

  // ---- The end

  /**
   * Starts the closing handshake.
   *
   * @throws TypeError for a code that must not be sent; RangeError for more than 123 bytes of reason
   */
  close(code?: number, data?: string | Buffer): void {
    if (this.#readyState === CLOSED) return;
    if (this.#readyState === CONNECTING) return this.#abortOpening();
    if (this.#readyState === CLOSING) return;
    const payload = closePayload(code, data);
    this.#readyState = CLOSING;
    (this.#link as SendingLink).sendClose(payload);
  }

  /** Ends at once, without a closing handshake. */
  terminate(): void {
    if (this.#readyState === CLOSED) return;
    if (this.#readyState === CONNECTING) return this.#abortOpening();
    const link = this.#link;
    if (link === undefined) return;
    this.#readyState = CLOSING;
    // What `ws` was given before is with the system already, or is being compressed.
    if (link.laterBytes === 0) link.writer.flush();
    else link.endpoint.output.clear();
    link.socket.destroy();
  }

  #abortOpening(): void {
    this.#readyState = CLOSING;
    this.#opening?.abort("WebSocket was closed before the connection was established");
  }

  // ---- As an EventTarget

  addEventListener(
    type: string,
    listener: Listener,
    options: { readonly once?: boolean } = {},
  ): void {
    addListener(this, type, listener, options);
  }

  removeEventListener(type: string, listener: Listener): void {
    removeListener(this, type, listener);
  }

  // ---- What programs reach for though it is private in `ws`

  /** The socket below: it can be listened to, written to and pushed into, as if `ws` had it. */
  get _socket(): Duplex | undefined {
    const link = this.#link;
    if (link === undefined) return undefined;
    share(link.socket);
    if (link.laterBytes === 0 && !link.socket.destroyed) link.writer.flush();
    return link.socket;
  }

  /** The request of a handshake under way. */
  get _req(): ClientRequest | null {
    return this.#opening?.request ?? null;
  }

  get _redirects(): number {
    return this.#opening?.redirects ?? 0;
  }

  get _isServer(): boolean {
    return this.#isServer;
  }

  set _isServer(isServer: boolean) {
    this.#isServer = isServer;
  }

  get _sender(): Pick<SendingLink, "sendFrame"> | null {
    return this.#link ?? null;
  }
}

// What is a property elsewhere is enumerable here, as in `ws`.
for (const name of [
  "binaryType",
  "bufferedAmount",
  "extensions",
  "isPaused",
  "onclose",
  "onerror",
  "onopen",
  "onmessage",
  "protocol",
  "readyState",
  "url",
  "addEventListener",
  "removeEventListener",
]) {
  Object.defineProperty(WebSocket.prototype, name, { enumerable: true });
}

for (const [name, value] of Object.entries({ CONNECTING, OPEN, CLOSING, CLOSED })) {
  const property = { enumerable: true, value };
  Object.defineProperty(WebSocket, name, property);
  Object.defineProperty(WebSocket.prototype, name, property);
}
