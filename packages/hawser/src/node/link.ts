// An endpoint on a socket: the engine behind a Connection. It moves bytes between the two, runs the
// handlers in order, holds reading back while somebody is busy, bounds what is queued, and sees to it
// that every connection ends exactly once. The socket's listeners are shared by all connections and
// find theirs through a symbol: an idle connection has no closure and no timer of its own.

import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import {
  type AgreedExtension,
  CloseCode,
  ConnectionClosedError,
  Endpoint,
  type Extension,
  type InternalError,
  type LimitError,
  type Message,
  type ProtocolError,
  TransportError,
} from "../protocol/index.ts";
import { Connection } from "./connection.ts";
import { diagnostics } from "./diagnostics.ts";
import { Ending } from "./ending.ts";
import { type Group, reportError } from "./group.ts";
import type { Beating } from "./heartbeat.ts";
import { Inbox, type Source } from "./inbox.ts";
import { isPromise } from "./is-promise.ts";
import { own, type SocketOwner } from "./socket-owner.ts";
import type { Subscriber } from "./topics.ts";
import type { UpgradeRequest } from "./upgrade-request.ts";
import { Writer, type WriterHost } from "./writer.ts";

/** Who holds reading back; each its own bit, and events go on once none is left. */
const Hold = { user: 1, handler: 2, inbox: 4, opening: 8 } as const;

/** What the opening handshake has come to. */
export interface Agreement {
  readonly protocol: string;
  readonly agreed: AgreedExtension | undefined;
  readonly data: unknown;
}

/** How a connection ended, with the error that ended it, if there was one. */
export interface Closed {
  /** The code of the peer's Close frame, 1005 when it had none, 1006 when none came. */
  readonly code: number;
  readonly reason: string;
  /** Whether both Close frames were exchanged. */
  readonly wasClean: boolean;
  readonly error: Error | undefined;
}

/** How much of what comes while somebody holds may wait before the socket is paused. */
const readAheadBytes = 16 * 1024;

let serials = 0;

export class Link implements Beating, SocketOwner, Source, Subscriber, WriterHost {
  readonly group: Group;
  readonly socket: Duplex;
  readonly protocol: string;
  readonly agreed: AgreedExtension | undefined;
  readonly serial: number = ++serials;
  readonly endpoint: Endpoint<Link>;
  readonly writer: Writer;
  readonly connection: Connection;

  silentTicks = 0;
  topics: Set<string> | undefined;
  inbox: Inbox | undefined;
  messagesReceived = 0;
  bytesReceived = 0;

  #holds = 0;
  /** Whether a chunk is being read, at whose end all that was sent is written. */
  isReceiving = false;
  /** There once the end has begun, or somebody waits for it. */
  #ending: Ending | undefined;

  constructor(group: Group, socket: Duplex, { protocol, agreed, data }: Agreement) {
    this.group = group;
    this.socket = socket;
    this.protocol = protocol;
    this.agreed = agreed;
    this.endpoint = new Endpoint(group.endpointOptions, this, agreed?.open());
    this.writer = new Writer(this);
    this.connection = new Connection(this, data);
  }

  get extension(): Extension | undefined {
    return this.endpoint.extension;
  }

  /** Begins: opens, then delivers `early`, the bytes that came behind the handshake. */
  start(early: Uint8Array, request: UpgradeRequest | undefined): void {
    const { group } = this;
    own(this.socket, this);
    group.links.add(this);
    group.counters.opened++;
    group.heartbeat?.watch(group.links);
    this.#hold(Hold.opening);
    if (diagnostics.open.hasSubscribers) diagnostics.open.publish({ connection: this.connection });
    const isClient = group.endpointOptions.role === "client";
    if (group.run !== undefined || (isClient && group.handlers.message === undefined))
      this.iterate();
    if (request !== undefined) this.#open(request);
    if (early.length > 0) this.#receive(early, early.length);
    // A client's user gets the connection in a later turn, and the handlers may use what `connect` gave.
    if (request === undefined) setImmediate(() => this.#release(Hold.opening));
    else this.#release(Hold.opening);
    // What happened to the socket before anybody listened does not happen again.
    if (this.socket.closed) this.socketClosed();
    else if (this.socket.readableEnded) this.socketEnded();
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
      .finally(() => void this.inbox?.return())
      .then(
        () => this.close(CloseCode.normal),
        (error: unknown) => this.#handlerFailed(error),
      );
  }

  // ---- Reading

  /** Bytes came from the socket. */
  socketRead(chunk: Uint8Array, end: number): void {
    this.#receive(chunk, end);
    // Not before: reading a bit ahead costs less than stopping and starting the socket for each
    // message, and tells when the peer has gone.
    const isBusy = this.#holds !== 0 || this.endpoint.isDecoding;
    if (isBusy && this.endpoint.unreadBytes > readAheadBytes) this.socket.pause();
    this.writer.flush();
  }

  #receive(chunk: Uint8Array, end: number): void {
    this.silentTicks = 0;
    this.bytesReceived += end;
    this.group.counters.bytesReceived += end;
    this.isReceiving = true;
    this.endpoint.receive(chunk, end);
    this.isReceiving = false;
  }

  /** A message came. */
  deliver(message: Message): void {
    if (this.#ending?.isIgnoring === true) return;
    const { handlers, counters } = this.group;
    this.messagesReceived++;
    counters.messagesReceived++;
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
    this.#hold(Hold.handler);
    const goOn = (): void => this.#release(Hold.handler);
    handled.then(goOn, (error: unknown) => {
      this.#handlerFailed(error);
      goOn();
    });
  }

  #handlerFailed(error: unknown): void {
    // To learn from `drained` or the loop that the connection has closed is no failure.
    if (error instanceof ConnectionClosedError && this.endpoint.state !== "open") return;
    this.#end().isIgnoring = true;
    this.report(error, true);
    this.close(CloseCode.internalError);
  }

  /** Tells the `error` hook and whoever watches. */
  report(error: unknown, isFromHandler: boolean): void {
    if (diagnostics.error.hasSubscribers) {
      diagnostics.error.publish({ connection: this.connection, error });
    }
    reportError(this.group.handlers, error, isFromHandler, this.connection);
  }

  /** The connection as an iterator of its messages. */
  iterate(): Inbox {
    if (this.inbox === undefined) {
      this.inbox = new Inbox(this);
      if (this.endpoint.state === "closed") this.inbox.end("cleanly");
    }
    return this.inbox;
  }

  hold(): void {
    this.#hold(Hold.inbox);
  }

  resume(): void {
    this.#release(Hold.inbox);
  }

  left(): void {
    if (this.endpoint.state !== "open") this.inbox?.discard();
  }

  pauseByUser(): void {
    this.#hold(Hold.user);
  }

  resumeByUser(): void {
    this.#release(Hold.user);
  }

  get isPausedByUser(): boolean {
    return (this.#holds & Hold.user) !== 0;
  }

  #hold(who: number): void {
    this.#holds |= who;
    this.endpoint.hold();
  }

  #release(who: number): void {
    if ((this.#holds & who) === 0) return;
    this.#holds &= ~who;
    if (this.#holds !== 0) return;
    this.endpoint.release();
    this.goOn();
  }

  /** Reads on, if nobody holds that back. */
  goOn(): void {
    if (this.#holds === 0 && !this.endpoint.isDecoding && this.socket.isPaused()) {
      this.silentTicks = 0;
      this.socket.resume();
    }
    this.writer.outputReady();
  }

  // ---- Writing

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

  /** The peer takes what we send, which counts as life. */
  progressed(): void {
    this.silentTicks = 0;
  }

  drainedNow(): void {
    this.#call(this.group.handlers.drain);
  }

  overflowed(error: LimitError): void {
    this.#end().error = error;
    // Closed first: the hook may send to this connection, too.
    this.close(error.closeCode, "reading too slowly");
    this.report(error, false);
  }

  // ---- Heartbeat

  /**
   * While the socket is paused we hear nothing, and silence means nothing; unless the peer should be
   * reading what we wrote: then progress is what is listened for. A socket that is gone leaves a
   * connection whose last messages are being handled.
   */
  get isDeaf(): boolean {
    if (this.socket.destroyed) return true;
    return this.socket.isPaused() && !this.writer.isBackedUp;
  }

  beat(): void {
    if (this.endpoint.state !== "open" || this.socket.destroyed) return;
    this.endpoint.ping();
    this.writer.flush();
  }

  lost(): void {
    const { pingIntervalMs, pongTimeoutMs } = this.group.options;
    this.#transportFailed(
      new TransportError(
        "HAWSER_PONG_TIMEOUT",
        `nothing came from the peer for ${pingIntervalMs} ms, nor within ${pongTimeoutMs} ms after a ping`,
      ),
    );
    this.socket.destroy();
  }

  // ---- Closing

  /** Closes as part of the server's drain. */
  drain(code: number, reason: string | undefined): void {
    this.#end().isDraining = true;
    this.close(code, reason);
  }

  close(code?: number, reason?: string): void {
    this.endpoint.close(code, reason);
    this.writer.outputReady();
    if (this.endpoint.state !== "closed") this.#armCloseTimer();
    if (this.socket.closed) this.#armLastTimer();
    // A Close frame can't be seen behind messages that nobody reads.
    if (this.inbox?.isRead === false) this.inbox.discard();
  }

  terminate(): void {
    const ending = this.#end();
    ending.isTerminated = true;
    ending.isIgnoring = true;
    // With the socket gone, only a handler that does not settle is left to wait for.
    if (this.socket.closed) this.endpoint.abort();
    else this.socket.destroy();
  }

  closed(): Promise<Closed> {
    return new Promise((resolve) => {
      if (this.endpoint.state === "closed") resolve(this.#outcome());
      else this.#end().wait(resolve);
    });
  }

  /** The peer's Close frame came, and ours is queued: a server ends TCP, a client waits for that. */
  closeExchanged(): void {
    if (this.group.endpointOptions.role === "server") this.writer.end();
    this.#armCloseTimer();
  }

  /** The peer broke a rule; the Close frame that says so is queued. */
  failed(error: ProtocolError | LimitError | InternalError): void {
    this.#end().error = error;
    this.report(error, false);
    this.writer.end();
    this.#armCloseTimer();
  }

  socketFailed(error: Error): void {
    this.#transportFailed(
      new TransportError("HAWSER_TRANSPORT", `the connection broke: ${error.message}`, error),
    );
  }

  #transportFailed(error: TransportError): void {
    // What happens to a socket after the closing handshake is of no interest to anybody.
    if (this.#ending?.error !== undefined || this.endpoint.outcome.wasClean) return;
    this.#end().error = error;
    this.report(error, false);
  }

  /** The peer has ended its side of the socket. */
  socketEnded(): void {
    this.endpoint.receiveEnd();
    this.writer.end();
    this.#armCloseTimer();
  }

  /** The socket is gone. What came before and waits for a busy handler is still delivered. */
  socketClosed(): void {
    const ending = this.#end();
    ending.disarm();
    this.endpoint.output.clear();
    // After both Close frames there is nothing to read, nor anybody for what waits for its encoding.
    const isOver = ending.isTerminated || this.endpoint.state === "close-exchanged";
    if (isOver) this.endpoint.abort();
    else this.endpoint.receiveEnd();
    this.#release(Hold.user);
    this.inbox?.takeLast();
    // The end comes behind what a handler has still to take: it must not wait for room that never comes.
    if (this.endpoint.state !== "closed") this.writer.ended(this.closedError());
    this.#armLastTimer();
  }

  /** A handler that waits for the end, which waits for the handler, must not do so for ever. */
  #armLastTimer(): void {
    if (this.endpoint.state !== "close-sent") return;
    this.#end().arm(this.group.options.closeTimeoutMs, () => this.terminate());
  }

  /** The connection has ended, and all that came before was delivered. */
  ended(): void {
    const { group } = this;
    group.links.delete(this);
    group.heartbeat?.left(group.links);
    group.topics?.unsubscribeAll(this);
    group.counters.closed++;
    const closed = this.#outcome();
    this.inbox?.end(closed.wasClean ? "cleanly" : this.closedError());
    this.writer.ended(this.closedError());
    this.#ending?.ended(closed);
    if (diagnostics.close.hasSubscribers) {
      diagnostics.close.publish({ connection: this.connection, ...closed });
    }
    this.#call(group.handlers.close, closed.code, closed.reason);
    group.onClosed();
  }

  pinged(payload: Uint8Array): void {
    if (this.#ending?.isIgnoring !== true) this.#call(this.group.handlers.ping, payload as Buffer);
  }

  ponged(payload: Uint8Array): void {
    if (this.#ending?.isIgnoring !== true) this.#call(this.group.handlers.pong, payload as Buffer);
  }

  #outcome(): Closed {
    return { ...this.endpoint.outcome, error: this.#ending?.error };
  }

  closedError(): ConnectionClosedError {
    const { code, reason, wasClean } = this.endpoint.outcome;
    return new ConnectionClosedError(code, reason, wasClean, this.#ending?.error);
  }

  #end(): Ending {
    return (this.#ending ??= new Ending());
  }

  #armCloseTimer(): void {
    if (this.socket.closed) return;
    this.#end().arm(this.group.options.closeTimeoutMs, () => this.#closeTimedOut());
  }

  #closeTimedOut(): void {
    const ending = this.#end();
    // In a drain it may be us who are slow: as long as messages are being handled, `server.close` and
    // its own time-out decide.
    const isWorking = this.#holds !== 0 && this.messagesReceived !== ending.handledAtCheck;
    if (!ending.isDraining || !isWorking) {
      this.socket.destroy();
      return;
    }
    ending.handledAtCheck = this.messagesReceived;
    ending.extend();
  }
}
