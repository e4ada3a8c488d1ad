// An endpoint on a socket: the engine behind a Connection. It moves bytes between the two, runs the
// handlers in order, holds reading back while somebody is busy, bounds what is queued, and sees to it
// that every connection ends exactly once. The socket's listeners are shared by all connections and
// find theirs through a symbol: an idle connection has no closure and no timer of its own.

import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import {
  CloseCode,
  ConnectionClosedError,
  Endpoint,
  type EndpointEvents,
  encodeMessage,
  LimitError,
  type Message,
  type ProtocolError,
  TransportError,
} from "../protocol/index.ts";
import { Connection } from "./connection.ts";
import { diagnostics } from "./diagnostics.ts";
import { type Flushable, flushSoon } from "./flusher.ts";
import { type Group, reportError } from "./group.ts";
import type { Beating } from "./heartbeat.ts";
import { Inbox, type Source } from "./inbox.ts";
import { nodePlatform } from "./platform.ts";
import type { Subscriber } from "./topics.ts";
import type { UpgradeRequest } from "./upgrade-request.ts";

/** Who holds reading back; each its own bit, and events go on once none is left. */
const Hold = { user: 1, handler: 2, inbox: 4, opening: 8 } as const;

/** From this much queued on, a write is watched, and the link stops handing over more until it is done. */
const watchedWriteBytes = 16 * 1024;

/** From this much queued on, what is sent is written at once instead of at the end of the turn. */
const eagerWriteBytes = 64 * 1024;

/** How a connection ended, with the error that ended it, if there was one. */
export interface Closed {
  /** The code of the peer's Close frame, 1005 when it had none, 1006 when none came. */
  readonly code: number;
  readonly reason: string;
  /** Whether both Close frames were exchanged. */
  readonly wasClean: boolean;
  readonly error: Error | undefined;
}

/** How one message is sent. */
export interface SendOptions {
  /**
   * False sends the beginning of a message that further calls go on with, as fragments (RFC 6455
   * §5.4); its type is that of the first part. Default true.
   */
  readonly fin?: boolean;
  /** With the overflow policy "latest": replaces a message with the same key that is still queued. */
  readonly key?: string;
  /** False sends this message uncompressed even where compression is on. Default true. */
  readonly compress?: boolean;
}

interface DrainWaiter {
  resolve(): void;
  reject(error: ConnectionClosedError): void;
}

const plainSend: SendOptions = {};

let serials = 0;

export class Link implements Beating, Flushable, Source, Subscriber {
  readonly group: Group;
  readonly socket: Duplex;
  readonly protocol: string;
  readonly serial: number = ++serials;
  readonly endpoint: Endpoint<Link>;
  readonly connection: Connection;

  silentTicks = 0;
  topics: Set<string> | undefined;
  inbox: Inbox | undefined;
  messagesReceived = 0;
  messagesSent = 0;
  bytesReceived = 0;
  bytesSent = 0;

  #holds = 0;
  #isReceiving = false;
  #isFlushDue = false;
  #isBackedUp = false;
  #isOverHighWater = false;
  #endsWhenFlushed = false;
  /** Whether messages are dropped: a handler has failed, or the connection was terminated. */
  #isIgnoring = false;
  #isTerminated = false;
  #error: Error | undefined;
  #closeTimer: NodeJS.Timeout | undefined;
  #drainWaiters: DrainWaiter[] | undefined;
  #closedWaiters: ((closed: Closed) => void)[] | undefined;

  constructor(group: Group, socket: Duplex, protocol: string, data: unknown) {
    this.group = group;
    this.socket = socket;
    this.protocol = protocol;
    this.endpoint = new Endpoint(group.endpointOptions, this);
    this.connection = new Connection(this, data);
  }

  /** Begins: opens, then delivers `early`, the bytes that came behind the handshake. */
  start(early: Uint8Array, request: UpgradeRequest | undefined): void {
    const { group } = this;
    listen(this);
    group.links.add(this);
    group.counters.opened++;
    group.heartbeat?.add(this);
    this.#hold(Hold.opening);
    if (diagnostics.open.hasSubscribers) diagnostics.open.publish({ connection: this.connection });
    const isClient = group.endpointOptions.role === "client";
    if (group.run !== undefined || (isClient && group.handlers.message === undefined))
      this.iterate();
    if (request !== undefined) this.#open(request);
    if (early.length > 0) this.#receive(early);
    this.#release(Hold.opening);
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
  #run(running: Promise<void>): void {
    running.then(
      () => this.close(CloseCode.normal),
      (error: unknown) => {
        // Losing its peer is no failure of the function.
        if (error instanceof ConnectionClosedError && this.endpoint.state === "closed") return;
        this.#handlerFailed(error);
      },
    );
  }

  // ---- Reading

  /** Bytes came from the socket. */
  receiveChunk(chunk: Uint8Array): void {
    // Lazily: one chunk too many is cheaper than stopping and starting the socket for each message.
    if (this.#holds !== 0) this.socket.pause();
    this.#receive(chunk);
    this.flush();
  }

  #receive(chunk: Uint8Array): void {
    this.silentTicks = 0;
    this.bytesReceived += chunk.length;
    this.group.counters.bytesReceived += chunk.length;
    this.#isReceiving = true;
    this.endpoint.receive(chunk);
    this.#isReceiving = false;
  }

  /** A message came. */
  deliver(message: Message): void {
    if (this.#isIgnoring) return;
    const { handlers, counters } = this.group;
    this.messagesReceived++;
    counters.messagesReceived++;
    if (diagnostics.message.hasSubscribers) {
      diagnostics.message.publish({ connection: this.connection, message });
    }
    if (this.inbox !== undefined) return this.inbox.deliver(message as string | Buffer);
    if (handlers.message === undefined) return;
    try {
      const handled = handlers.message(this.connection, message as string | Buffer);
      if (handled !== undefined && isPromise(handled)) this.#awaitHandler(handled);
    } catch (error) {
      this.#handlerFailed(error);
    }
  }

  /** Runs a handler that nobody waits for. */
  #call<Arguments extends unknown[]>(
    handler: ((ws: Connection, ...rest: Arguments) => void | Promise<void>) | undefined,
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
    this.#isIgnoring = true;
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
    if (this.#holds === 0 && this.socket.isPaused()) this.socket.resume();
    this.#flushSoon();
  }

  // ---- Writing

  /** Bytes that are queued and not yet handed to the operating system. */
  get bufferedBytes(): number {
    return this.endpoint.bufferedBytes + this.socket.writableLength;
  }

  send(message: Message, options: SendOptions = plainSend): boolean {
    const { endpoint } = this;
    if (endpoint.state !== "open" || !this.#hasRoom(message.length, options.key)) return false;
    if (options.key !== undefined && this.group.options.overflow === "latest") {
      const isClient = this.group.endpointOptions.role === "client";
      const key = isClient ? nodePlatform.maskingKey() : undefined;
      endpoint.sendEncoded(encodeMessage(nodePlatform, message, key), options.key);
    } else {
      endpoint.send(message, options);
    }
    return this.#sent();
  }

  sendFrames(frames: Uint8Array, key: string | undefined): boolean {
    const { endpoint } = this;
    if (endpoint.state !== "open" || !this.#hasRoom(frames.length, key)) return false;
    endpoint.sendEncoded(frames, this.group.options.overflow === "latest" ? key : undefined);
    return this.#sent();
  }

  #sent(): boolean {
    this.messagesSent++;
    this.group.counters.messagesSent++;
    if (this.endpoint.output.byteLength >= eagerWriteBytes) this.flush();
    else this.#flushSoon();
    const hasRoom = this.bufferedBytes < this.group.options.highWaterBytes;
    if (!hasRoom) this.#isOverHighWater = true;
    return hasRoom;
  }

  /** Whether that much more may be queued; if not, does what the overflow policy says. */
  #hasRoom(bytes: number, key: string | undefined): boolean {
    const { maxQueuedBytes, overflow } = this.group.options;
    if (this.bufferedBytes + bytes <= maxQueuedBytes) return true;
    this.flush();
    const queued = this.bufferedBytes;
    if (queued === 0 || queued + bytes <= maxQueuedBytes) return true;
    const replaced = key === undefined ? 0 : this.endpoint.output.keyedBytes(key);
    if (overflow === "latest" && replaced > 0) {
      this.group.counters.messagesDropped++;
      return true;
    }
    if (overflow === "drop") {
      this.group.counters.messagesDropped++;
      this.#isOverHighWater = true;
      return false;
    }
    this.#overflowed(queued + bytes);
    return false;
  }

  #overflowed(actual: number): void {
    const { maxQueuedBytes } = this.group.options;
    const error = new LimitError(
      "HAWSER_QUEUE_FULL",
      `the peer reads too slowly: ${actual} bytes would be queued, allowed are ${maxQueuedBytes} (maxQueuedBytes)`,
      maxQueuedBytes,
      actual,
      CloseCode.tryAgainLater,
    );
    this.#error = error;
    this.report(error, false);
    this.close(CloseCode.tryAgainLater, "reading too slowly");
  }

  #flushSoon(): void {
    // What is sent while a chunk is being read is written when it has been read.
    if (this.#isReceiving || this.#isFlushDue || this.endpoint.output.byteLength === 0) return;
    this.#isFlushDue = true;
    flushSoon(this);
  }

  /** Hands to the socket what it can take. */
  flush(): void {
    this.#isFlushDue = false;
    const { socket } = this;
    const { output } = this.endpoint;
    if (!socket.writable) output.clear();
    while (output.byteLength > 0 && !this.#isBackedUp) this.#write();
    if (this.#endsWhenFlushed && output.byteLength === 0 && !socket.writableEnded) socket.end();
  }

  #write(): void {
    const { socket } = this;
    const { output } = this.endpoint;
    const isWatched = output.byteLength + socket.writableLength >= watchedWriteBytes;
    // Several chunks go out as one writev; but no more at a time than keeps the rest replaceable.
    const isCorked = output.hasSeveral;
    if (isCorked) socket.cork();
    for (let left = eagerWriteBytes; left > 0; ) {
      const chunk = output.take();
      if (chunk === undefined) break;
      left -= chunk.length;
      this.bytesSent += chunk.length;
      const isLast = left <= 0 || output.byteLength === 0;
      if (isWatched && isLast) socket.write(chunk, () => this.#written());
      else socket.write(chunk);
    }
    if (isCorked) socket.uncork();
    if (socket.writableLength === 0) {
      output.written();
    } else {
      output.kept();
      if (isWatched) {
        this.#isBackedUp = true;
        this.endpoint.setBackedUp(true);
      }
    }
  }

  /** A watched write is done: the peer takes what we send, which counts as life. */
  #written(): void {
    this.silentTicks = 0;
    this.#isBackedUp = false;
    this.endpoint.setBackedUp(false);
    this.flush();
    const lowWaterBytes = this.group.options.highWaterBytes / 2;
    if (!this.#isOverHighWater || this.bufferedBytes > lowWaterBytes) return;
    if (this.endpoint.state !== "open") return;
    this.#isOverHighWater = false;
    for (const waiter of this.#drainWaiters?.splice(0) ?? []) waiter.resolve();
    this.#call(this.group.handlers.drain);
  }

  drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.endpoint.state !== "open") reject(this.#closedError());
      else if (!this.#isOverHighWater) resolve();
      else (this.#drainWaiters ??= []).push({ resolve, reject });
    });
  }

  // ---- Heartbeat

  /** While the socket is paused we hear nothing, and silence means nothing. */
  get isDeaf(): boolean {
    return this.#holds !== 0 && this.socket.isPaused();
  }

  beat(): void {
    if (this.endpoint.state !== "open") return;
    this.endpoint.ping();
    this.flush();
  }

  lost(): void {
    const { pingIntervalMs, pongTimeoutMs } = this.group.options;
    this.#fail(
      new TransportError(
        "HAWSER_PONG_TIMEOUT",
        `nothing came from the peer for ${pingIntervalMs} ms, nor within ${pongTimeoutMs} ms after a ping`,
      ),
    );
  }

  #fail(error: TransportError): void {
    this.transportFailed(error);
    this.socket.destroy();
  }

  // ---- Closing

  close(code?: number, reason?: string): void {
    this.endpoint.close(code, reason);
    this.#flushSoon();
    if (this.endpoint.state !== "closed") this.#armCloseTimer();
    // A Close frame can't be seen behind messages that nobody reads.
    if (this.inbox?.isRead === false) this.inbox.discard();
  }

  terminate(): void {
    this.#isTerminated = true;
    this.#isIgnoring = true;
    this.socket.destroy();
  }

  closed(): Promise<Closed> {
    return new Promise((resolve) => {
      if (this.endpoint.state === "closed") resolve(this.#outcome());
      else (this.#closedWaiters ??= []).push(resolve);
    });
  }

  /** The peer's Close frame came, and ours is queued: a server ends TCP, a client waits for that. */
  closeExchanged(): void {
    if (this.group.endpointOptions.role === "server") this.#endSocket();
    this.#armCloseTimer();
  }

  /** The peer broke a rule; the Close frame that says so is queued. */
  failed(error: ProtocolError | LimitError): void {
    this.#error = error;
    this.report(error, false);
    this.#endSocket();
    this.#armCloseTimer();
  }

  transportFailed(error: TransportError): void {
    // What happens to a socket after the closing handshake is of no interest to anybody.
    if (this.#error !== undefined || this.endpoint.outcome.wasClean) return;
    this.#error = error;
    this.report(error, false);
  }

  /** The peer has ended its side of the socket. */
  socketEnded(): void {
    this.endpoint.receiveEnd();
    this.#endSocket();
    this.#armCloseTimer();
  }

  /** The socket is gone. What came before and waits for a busy handler is still delivered. */
  socketClosed(): void {
    clearTimeout(this.#closeTimer);
    this.group.heartbeat?.delete(this);
    if (this.#isTerminated) this.endpoint.abort();
    else this.endpoint.receiveEnd();
    this.#release(Hold.user);
    this.inbox?.takeLast();
  }

  /** The connection has ended, and all that came before was delivered. */
  ended(): void {
    const { group } = this;
    group.links.delete(this);
    group.heartbeat?.delete(this);
    group.topics?.unsubscribeAll(this);
    group.counters.closed++;
    const closed = this.#outcome();
    this.inbox?.end(closed.wasClean ? "cleanly" : this.#closedError());
    for (const waiter of this.#drainWaiters?.splice(0) ?? []) waiter.reject(this.#closedError());
    for (const resolve of this.#closedWaiters?.splice(0) ?? []) resolve(closed);
    if (diagnostics.close.hasSubscribers) {
      diagnostics.close.publish({ connection: this.connection, ...closed });
    }
    this.#call(group.handlers.close, closed.code, closed.reason);
    group.onClosed();
  }

  pinged(payload: Uint8Array): void {
    if (!this.#isIgnoring) this.#call(this.group.handlers.ping, payload as Buffer);
  }

  ponged(payload: Uint8Array): void {
    if (!this.#isIgnoring) this.#call(this.group.handlers.pong, payload as Buffer);
  }

  /** The endpoint wrote something by itself, while it read: `receiveChunk` flushes it. */
  outputReady(): void {
    this.#flushSoon();
  }

  #outcome(): Closed {
    return { ...this.endpoint.outcome, error: this.#error };
  }

  #closedError(): ConnectionClosedError {
    const { code, reason, wasClean } = this.endpoint.outcome;
    return new ConnectionClosedError(code, reason, wasClean, this.#error);
  }

  #endSocket(): void {
    this.#endsWhenFlushed = true;
    this.flush();
  }

  #armCloseTimer(): void {
    if (this.socket.closed) return;
    this.#closeTimer ??= setTimeout(
      () => this.socket.destroy(),
      this.group.options.closeTimeoutMs,
    ).unref();
  }
}

/** What an endpoint tells its link; the table that all links share. */
export const linkEvents: EndpointEvents<Link> = {
  message: (link, message) => link.deliver(message),
  ping: (link, payload) => link.pinged(payload),
  pong: (link, payload) => link.ponged(payload),
  output: (link) => link.outputReady(),
  close: (link) => link.closeExchanged(),
  failed: (link, error) => link.failed(error),
  end: (link) => link.ended(),
};

// ---- The socket's listeners

const linkOf = Symbol("hawser.link");

interface LinkedSocket extends Duplex {
  [linkOf]: Link;
}

function listen(link: Link): void {
  const socket = link.socket as LinkedSocket;
  socket[linkOf] = link;
  socket.on("data", onData).on("end", onEnd).on("error", onError).on("close", onClose);
}

function onData(this: LinkedSocket, chunk: Buffer): void {
  this[linkOf].receiveChunk(chunk);
}

function onEnd(this: LinkedSocket): void {
  this[linkOf].socketEnded();
}

function onError(this: LinkedSocket, error: Error): void {
  this[linkOf].transportFailed(
    new TransportError("HAWSER_TRANSPORT", `the connection broke: ${error.message}`, error),
  );
}

function onClose(this: LinkedSocket): void {
  this[linkOf].socketClosed();
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined)?.then === "function";
}
