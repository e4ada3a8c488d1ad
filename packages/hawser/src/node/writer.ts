// The writing side of a link: what is sent waits in the endpoint's output, is handed to the socket once
// per read or turn, and is bounded. While the socket has not taken the last large write, everything
// further stays here, where it is counted, can be replaced, and ends with the connection.

import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import {
  CloseCode,
  type ConnectionClosedError,
  type Endpoint,
  encodeMessage,
  LimitError,
  type Message,
  type OnWritten,
} from "../protocol/index.ts";
import { type Flushable, flushSoon } from "./flusher.ts";
import type { LinkGroup, WireDirection } from "./link.ts";
import { nodePlatform } from "./platform.ts";

/**
 * From this much queued on, or from the high-water mark if that is lower, a write is watched, and no
 * more is handed over until it is done.
 */
const watchedWriteBytes = 16 * 1024;

/** From this much queued on, what is sent is written at once instead of at the end of the turn. */
const eagerWriteBytes = 64 * 1024;

/** How one message is sent. */
export interface SendOptions {
  /**
   * False sends the beginning of a message that further calls go on with, as fragments (RFC 6455
   * §5.4); its type is that of the first part, and a part of a text must not end between two
   * surrogates. Default true.
   */
  readonly fin?: boolean;
  /** With the overflow policy "latest": replaces a message with the same key that is still queued. */
  readonly key?: string;
  /** False sends this message uncompressed even where compression is on. Default true. */
  readonly compress?: boolean;
  /**
   * Called, never before `send` returns, once the message was handed to the operating system; with an
   * error when it never will be, because the connection ends first. Not called for a message with a key,
   * nor when `send` threw or the message was not queued.
   */
  readonly onWritten?: OnWritten;
}

/** The same, for faces that know more of a message than its type tells. */
export interface WriteOptions extends SendOptions {
  /** Whether it is a text, though it is given as bytes, which have to be UTF-8. */
  readonly isText?: boolean;
  /**
   * Part of a message that is sent as it is made: others wait for its end. It is queued whatever the
   * queue has: its sender waits until a part is written before giving the next.
   */
  readonly ofStream?: boolean;
}

/** What a writer needs of its link. */
export interface WriterHost {
  readonly group: LinkGroup;
  readonly socket: Duplex;
  readonly endpoint: Endpoint<never>;
  readonly isReceiving: boolean;
  /** Bytes are about to be written, while `group.watchesWire`. */
  onWire(direction: WireDirection, bytes: Uint8Array): void;
  /** The peer has taken something. */
  progressed(): void;
  /** There is room again, after `send` had returned false. */
  drainedNow(): void;
  /** Calls what `send` was given. */
  callBack(onWritten: OnWritten, error: Error | undefined): void;
  /** More would be queued than is allowed. */
  overflowed(error: LimitError): void;
  closedError(): ConnectionClosedError;
}

interface DrainWaiter {
  resolve(): void;
  reject(error: ConnectionClosedError): void;
}

const plainSend: SendOptions = {};

export class Writer implements Flushable {
  readonly #host: WriterHost;
  messagesSent = 0;
  bytesSent = 0;
  #isFlushDue = false;
  /** Whether the socket has nothing left to write, until our next write: asking it costs more. */
  #isSocketEmpty = false;
  #isBackedUp = false;
  #isOverHighWater = false;
  #endsWhenFlushed = false;
  #drainWaiters: DrainWaiter[] | undefined;

  constructor(host: WriterHost) {
    this.#host = host;
  }

  /** Bytes that are queued and not yet handed to the operating system. */
  get bufferedBytes(): number {
    return this.#host.endpoint.bufferedBytes + this.#socketBytes();
  }

  // These are methods because V8 reads a private getter through a call into its runtime.

  #socketBytes(): number {
    return this.#isSocketEmpty ? 0 : this.#host.socket.writableLength;
  }

  /** The same, without what waits for the end of a message in fragments: no write moves that. */
  #transportBytes(): number {
    const { output, encodingBytes } = this.#host.endpoint;
    return output.byteLength + encodingBytes + this.#socketBytes();
  }

  /** What has to become less before more is sent. A message that is sent as it is made ends by itself. */
  #pressureBytes(): number {
    return this.#host.endpoint.isInStream ? this.bufferedBytes : this.#transportBytes();
  }

  #queuedBytes(isPart: boolean): number {
    return isPart ? this.#transportBytes() : this.bufferedBytes;
  }

  /** Whether the peer is expected to take what was written before it gets more. */
  get isBackedUp(): boolean {
    return this.#isBackedUp;
  }

  #isOpen(): boolean {
    return this.#host.endpoint.state === "open" && !this.#host.socket.destroyed;
  }

  /** Queues a message; false when it was not, or when the queue has reached its high-water mark. */
  send(message: Message, options: WriteOptions = plainSend): boolean {
    const { endpoint, group } = this.#host;
    const isOfStream = options.ofStream === true;
    const isPart =
      options.fin === false || (endpoint.isInFragments && endpoint.isInStream === isOfStream);
    const key = isPart ? undefined : this.#latestKey(options.key);
    if (!this.#isOpen()) return false;
    if (!isOfStream && !this.#hasRoom(message, key, isPart)) return false;
    if (key === undefined) endpoint.send(message, options);
    else {
      const isClient = group.endpointOptions.role === "client";
      const maskingKey = isClient ? nodePlatform.maskingKey() : undefined;
      endpoint.sendEncoded(encodeMessage(nodePlatform, message, maskingKey), key);
    }
    return this.#sent(isOfStream && options.fin === false ? 0 : 1);
  }

  /** Queues a message that is never a part of another; returns as `send`. */
  sendWhole(message: Message, key: string | undefined): boolean {
    if (!this.#host.endpoint.isInFragments) {
      return this.send(message, key === undefined ? plainSend : { key });
    }
    // Behind the user's message in fragments, and plain, which leaves the windows alone.
    const frames = encodeMessage(nodePlatform, message);
    return this.sendFrames(frames, key, frames.length);
  }

  /** Queues whole frames, or a promise of about so many bytes; returns as `send`. */
  sendFrames(
    frames: Uint8Array | Promise<Uint8Array>,
    givenKey: string | undefined,
    bytes: number,
  ): boolean {
    const { endpoint } = this.#host;
    const key = this.#latestKey(givenKey);
    if (!this.#isOpen() || !this.#hasRoom(bytes, key)) return false;
    endpoint.sendEncoded(frames, key, bytes);
    return this.#sent();
  }

  /** Keys mean something with the policy "latest" only. */
  #latestKey(key: string | undefined): string | undefined {
    return this.#host.group.options.overflow === "latest" ? key : undefined;
  }

  /** Queues a Ping or Pong; false when the connection is not open. */
  control(kind: "ping" | "pong", payload: Message): boolean {
    if (!this.#isOpen()) return false;
    this.#host.endpoint[kind](payload);
    this.outputReady();
    return true;
  }

  #sent(messages = 1): boolean {
    const { group } = this.#host;
    this.messagesSent += messages;
    group.counters.messagesSent += messages;
    this.outputReady();
    const hasRoom = this.#pressureBytes() < group.options.highWaterBytes;
    if (!hasRoom) this.#isOverHighWater = true;
    return hasRoom;
  }

  /**
   * Whether that much more may be queued; if not, does what the overflow policy says. A part of a message
   * in fragments must not wait for what waits for its end.
   */
  #hasRoom(message: Message | number, key: string | undefined, isPart = false): boolean {
    const { endpoint, group } = this.#host;
    const { highWaterBytes, maxQueuedBytes, overflow } = group.options;
    const replaced = key === undefined ? 0 : endpoint.keyedBytes(key);
    if (replaced > 0) group.counters.messagesDropped++;
    // A unit of text is at most three bytes of UTF-8: near the limit they are counted.
    const most = mostBytes(message);
    if (this.#queuedBytes(isPart) - replaced + most <= maxQueuedBytes) return true;
    this.flush();
    const bytes = typeof message === "string" ? nodePlatform.utf8ByteLength(message) : most;
    const queued = this.#queuedBytes(isPart) - (key === undefined ? 0 : endpoint.keyedBytes(key));
    if (queued === 0 || queued + bytes <= maxQueuedBytes) return true;
    if (overflow === "drop") {
      group.counters.messagesDropped++;
      if (this.#pressureBytes() >= highWaterBytes) this.#isOverHighWater = true;
    } else {
      this.#host.overflowed(queueFull(maxQueuedBytes, queued + bytes));
    }
    return false;
  }

  /** Something waits to be written. While a chunk is being read, its end is soon enough. */
  outputReady(): void {
    const { endpoint, isReceiving } = this.#host;
    if (endpoint.output.byteLength >= eagerWriteBytes) this.flush();
    else if (!isReceiving) this.#flushSoon();
  }

  /** Writes at the end of this turn. */
  #flushSoon(): void {
    if (this.#isFlushDue || this.#host.endpoint.output.byteLength === 0) return;
    this.#isFlushDue = true;
    flushSoon(this);
  }

  /** Hands to the socket what it can take. */
  flush(): void {
    this.#isFlushDue = false;
    const { socket, endpoint, group } = this.#host;
    const { output } = endpoint;
    if (!socket.writable) output.clear();
    while (output.byteLength > 0 && !this.#isBackedUp) this.#write();
    // A peer that reads gets every pong, though a write of ours may have to wait for a moment.
    if (this.#isBackedUp)
      endpoint.setBackedUp(this.#transportBytes() >= group.options.highWaterBytes);
    const isAllOut = output.byteLength === 0 && !endpoint.isEncoding;
    if (this.#endsWhenFlushed && isAllOut && !socket.writableEnded) socket.end();
  }

  /** Ends our side of the socket once all is written. */
  end(): void {
    this.#endsWhenFlushed = true;
    this.flush();
  }

  #write(): void {
    const { socket, endpoint, group } = this.#host;
    const { output } = endpoint;
    const watchedBytes = Math.min(watchedWriteBytes, group.options.highWaterBytes / 2);
    // Whoever waits for a drain is told when a write is done, however small what was encoded became.
    const isWatched =
      this.#isOverHighWater || output.byteLength + this.#socketBytes() >= watchedBytes;
    // Several chunks go out as one writev; but no more at a time than leaves the rest replaceable.
    const isCorked = output.hasSeveral;
    if (isCorked) socket.cork();
    for (let left = eagerWriteBytes; left > 0; ) {
      // Where the last write was not done when it returned, as over TLS and HTTP/2, this one won't be.
      const chunk = output.take(!this.#isSocketEmpty);
      if (chunk === undefined) break;
      left -= chunk.length;
      this.bytesSent += chunk.length;
      group.counters.bytesSent += chunk.length;
      if (group.watchesWire) this.#host.onWire("out", chunk);
      const isLast = left <= 0 || output.byteLength === 0;
      const waiting = isLast ? output.takeWritten() : undefined;
      if (waiting !== undefined) {
        socket.write(chunk, (error) => {
          for (const onWritten of waiting) this.#host.callBack(onWritten, error ?? undefined);
          if (isWatched) this.#written(error);
        });
      } else if (isWatched && isLast) socket.write(chunk, (error) => this.#written(error));
      else socket.write(chunk);
    }
    if (isCorked) socket.uncork();
    // Only of Node's own sockets is it known that what they don't count any more is out of our memory.
    const isWritten = socket.writableLength === 0;
    this.#isSocketEmpty = isWritten;
    if (isWritten && socket instanceof Socket) output.written();
    else output.kept();
    if (isWatched && !isWritten) this.#isBackedUp = true;
  }

  /** A watched write is done, or has failed: then the socket goes, and whoever waits is told. */
  #written(error: Error | null | undefined): void {
    const { endpoint, group, socket } = this.#host;
    // Also callbacks of writes that were done come after the socket was destroyed.
    if (error || !socket.writable) return;
    if (this.#isBackedUp) {
      // An earlier write's turn, called late: that of the one we wait for is to come.
      if (socket.writableLength > 0) return;
      // Only room that had to be waited for tells that the peer lives: what the system's buffers take
      // at once does not.
      this.#host.progressed();
      this.#isBackedUp = false;
      endpoint.setBackedUp(false);
    }
    this.flush();
    const isLow = this.#pressureBytes() <= group.options.highWaterBytes / 2;
    if (!this.#isOverHighWater || !isLow || endpoint.state !== "open") return;
    this.#isOverHighWater = false;
    for (const waiter of this.#drainWaiters?.splice(0) ?? []) waiter.resolve();
    this.#host.drainedNow();
  }

  /** Resolves once there is room again. */
  drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.#isOpen()) reject(this.#host.closedError());
      else if (!this.#isOverHighWater) resolve();
      else (this.#drainWaiters ??= []).push({ resolve, reject });
    });
  }

  /** Nothing more is written: nobody waits any more. */
  ended(error: ConnectionClosedError): void {
    for (const waiter of this.#drainWaiters?.splice(0) ?? []) waiter.reject(error);
    for (const onWritten of this.#host.endpoint.output.takeUnwritten()) {
      this.#host.callBack(onWritten, error);
    }
  }
}

/** The most bytes that a message can take, or those that it is told to take. */
function mostBytes(message: Message | number): number {
  if (typeof message === "number") return message;
  return typeof message === "string" ? message.length * 3 : message.length;
}

function queueFull(maxQueuedBytes: number, actual: number): LimitError {
  return new LimitError(
    "HAWSER_QUEUE_FULL",
    `the peer reads too slowly: ${actual} bytes would be queued, allowed are ${maxQueuedBytes} (maxQueuedBytes)`,
    maxQueuedBytes,
    actual,
    CloseCode.tryAgainLater,
  );
}
