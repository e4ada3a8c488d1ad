// The link behind a `Connection`: what comes goes to handlers, in order, to the function that a server runs
// for each connection, or to the loop that reads it. A handler that fails closes its connection, no other.

import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import {
  CloseCode,
  ConnectionClosedError,
  type Extension,
  limitExceeded,
  type Message,
  type OnWritten,
} from "../protocol/index.ts";
import { Connection } from "./connection.ts";
import { diagnostics } from "./diagnostics.ts";
import { type Group, reportError } from "./group.ts";
import { Inbox, type Source } from "./inbox.ts";
import { isPromise } from "./is-promise.ts";
import { type Agreement, type Closed, Hold, Link, type WireDirection } from "./link.ts";
import { nextSerial } from "./link-facts.ts";
import type { Subscriber } from "./topics.ts";
import type { UpgradeRequest } from "./upgrade-request.ts";

export class HandledLink extends Link implements Source, Subscriber {
  declare readonly group: Group;
  readonly serial: number = nextSerial();
  readonly connection: Connection;
  topics: Set<string> | undefined;
  inbox: Inbox | undefined;

  constructor(group: Group, socket: Duplex, agreement: Agreement, data: unknown) {
    super(group, socket, agreement);
    this.connection = new Connection(this, data);
  }

  get extension(): Extension | undefined {
    return this.endpoint.extension;
  }

  /** Begins: opens, then delivers `early`, the bytes that came behind the handshake. */
  start(early: Uint8Array, request: UpgradeRequest | undefined): void {
    const { group } = this;
    this.begin();
    if (diagnostics.open.hasSubscribers) diagnostics.open.publish({ connection: this.connection });
    const isClient = group.endpointOptions.role === "client";
    if (group.run !== undefined || (isClient && group.handlers.message === undefined))
      this.iterate();
    if (request !== undefined) this.#open(request);
    // A client's user gets the connection in a later turn, and the handlers may use what `connect` gave.
    this.beginReading(early, request === undefined ? "later" : "now");
  }

  #open(request: UpgradeRequest): void {
    const { handlers, run } = this.group;
    try {
      const opened = handlers.open?.(this.connection, request);
      if (isPromise(opened)) this.#awaitHandler(opened);
      if (run !== undefined) this.#run(Promise.resolve(run(this.connection, request)));
    } catch (error) {
      this.#handlerFailed(error);
    }
  }

  /** The connection lives as long as its function runs. */
  #run(running: Promise<unknown>): void {
    // Once it has ended nobody reads any more, and the peer's Close frame must not wait for a reader.
    running
      .finally(() => this.inbox?.abandon())
      .then(
        () => this.close(CloseCode.normal),
        (error: unknown) => this.#handlerFailed(error),
      );
  }

  // ---- What comes

  protected override onMessage(message: Message): void {
    const { handlers } = this.group;
    if (diagnostics.message.hasSubscribers) {
      diagnostics.message.publish({ connection: this.connection, message });
    }
    if (this.inbox !== undefined) return this.inbox.deliver(this.#owned(message));
    if (handlers.message === undefined) return;
    try {
      const handled = handlers.message(this.connection, message as string | Buffer);
      if (handled !== undefined && isPromise(handled)) this.#awaitHandler(handled);
    } catch (error) {
      this.#handlerFailed(error);
    }
  }

  protected override onBegin(isText: boolean): void {
    this.inbox?.begin(isText);
  }

  protected override onPart(bytes: Uint8Array, isLast: boolean): void {
    this.inbox?.part(bytes, isLast);
  }

  override onWire(direction: WireDirection, bytes: Uint8Array): void {
    try {
      this.group.handlers.wire?.(this.connection, direction, bytes);
    } catch (error) {
      // Not in the middle of a write.
      queueMicrotask(() => this.#handlerFailed(error));
    }
  }

  protected override onPing(payload: Uint8Array): void {
    this.#call(this.group.handlers.ping, payload as Buffer);
  }

  protected override onPong(payload: Uint8Array): void {
    this.#call(this.group.handlers.pong, payload as Buffer);
  }

  protected override onDrain(): void {
    this.#call(this.group.handlers.drain);
  }

  /** The message as it may be kept: a view is valid in a handler only, and an iterator has none. */
  #owned(message: Message): string | Buffer {
    const isView = typeof message !== "string" && this.group.options.binaryViews;
    return isView ? Buffer.from(message) : (message as string | Buffer);
  }

  /** Runs a handler that nobody waits for. */
  #call<Arguments extends unknown[]>(
    handler: ((ws: Connection, ...rest: Arguments) => unknown) | undefined,
    ...rest: Arguments
  ): void {
    try {
      const handled = handler?.call(this.group.handlers, this.connection, ...rest);
      if (isPromise(handled))
        handled.then(undefined, (error: unknown) => this.#handlerFailed(error));
    } catch (error) {
      this.#handlerFailed(error);
    }
  }

  #awaitHandler(handled: PromiseLike<unknown>): void {
    this.holdFor(Hold.handler);
    const goOn = (): void => this.releaseFor(Hold.handler);
    handled.then(goOn, (error: unknown) => {
      this.#handlerFailed(error);
      goOn();
    });
  }

  #handlerFailed(error: unknown): void {
    // To learn from `drained` or the loop that the connection has closed is no failure.
    if (error instanceof ConnectionClosedError && this.endpoint.state !== "open") return;
    this.ignoreInput();
    this.#report(error, true);
    this.close(CloseCode.internalError);
  }

  protected override onFailure(error: Error): void {
    this.#report(error, false);
  }

  /** Tells the `error` hook and whoever watches. */
  #report(error: unknown, isFromHandler: boolean): void {
    if (diagnostics.error.hasSubscribers) {
      diagnostics.error.publish({ connection: this.connection, error });
    }
    reportError(this.group.handlers, error, isFromHandler, this.connection);
  }

  callBack(onWritten: OnWritten, error: Error | undefined): void {
    try {
      onWritten(error);
    } catch (thrown) {
      this.#handlerFailed(thrown);
    }
  }

  // ---- As an iterator

  /** The connection as an iterator of its messages. */
  iterate(): Inbox {
    if (this.inbox === undefined) {
      this.inbox = new Inbox(this);
      if (this.endpoint.state === "closed") this.inbox.end("cleanly");
    }
    return this.inbox;
  }

  hold(): void {
    this.holdFor(Hold.inbox);
  }

  resume(): void {
    this.releaseFor(Hold.inbox);
  }

  left(): void {
    if (this.endpoint.state !== "open") this.inbox?.discard();
  }

  announceMessages(): void {
    this.endpoint.announceMessages();
  }

  receiveInParts(maxBytes: number): void {
    this.endpoint.receiveInParts(maxBytes);
  }

  messageTooBig(maxBytes: number, actual: number): void {
    this.endpoint.fail(limitExceeded("HAWSER_MESSAGE_TOO_BIG", maxBytes, actual));
  }

  // ---- Publications

  sendFrames(
    frames: Uint8Array | Promise<Uint8Array>,
    key: string | undefined,
    bytes: number,
  ): boolean {
    return this.writer.sendFrames(frames, key, bytes);
  }

  sendMessage(message: Message, key: string | undefined): boolean {
    return this.writer.sendWhole(message, key);
  }

  // ---- The end

  protected override onClosing(): void {
    // A Close frame can't be seen behind messages that nobody reads.
    if (this.inbox?.isRead === false) this.inbox.discard();
  }

  protected override onSocketGone(): void {
    this.inbox?.takeLast();
  }

  protected override onEnd(closed: Closed): void {
    const { topics, handlers } = this.group;
    topics?.unsubscribeAll(this);
    this.inbox?.cutOff(this.closedError());
    this.inbox?.end(closed.wasClean ? "cleanly" : this.closedError());
    if (diagnostics.close.hasSubscribers) {
      diagnostics.close.publish({ connection: this.connection, ...closed });
    }
    this.#call(handlers.close, closed.code, closed.reason);
  }
}
