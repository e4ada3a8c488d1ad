// An endpoint on a socket: the engine behind every connection, whatever face it has. It moves bytes between
// the two, holds reading back while somebody is busy, bounds what is queued, and sees to it that every
// connection ends exactly once. What comes goes to a face: the class that extends this one. The socket's
// listeners are shared by all connections and find theirs through a symbol: an idle connection has no
// closure and no timer of its own.

import type { Duplex } from "node:stream";
import {
  type AgreedExtension,
  ConnectionClosedError,
  Endpoint,
  type EndpointOptions,
  type InternalError,
  type LimitError,
  type Message,
  type OnWritten,
  type ProtocolError,
  TransportError,
} from "../protocol/index.ts";
import type { Counters } from "./counters.ts";
import { Ending } from "./ending.ts";
import type { Beating, Heartbeat } from "./heartbeat.ts";
import { cutOff, isGone } from "./http2/stream.ts";
import type { ResolvedConnectionOptions } from "./options.ts";
import { own, type SocketOwner } from "./socket-owner.ts";
import { Writer, type WriterHost } from "./writer.ts";

/** Who holds reading back; each its own bit, and events go on once none is left. */
export const Hold = { user: 1, handler: 2, inbox: 4, opening: 8 } as const;

/** What the opening handshake has come to. */
export interface Agreement {
  readonly protocol: string;
  readonly agreed: AgreedExtension | undefined;
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

/** Which way bytes go: "in" from the peer, "out" to it. */
export type WireDirection = "in" | "out";

/** What links of one kind share: one object instead of settings per connection. */
export interface LinkGroup {
  readonly options: ResolvedConnectionOptions;
  readonly endpointOptions: EndpointOptions<Link>;
  readonly heartbeat: Heartbeat | undefined;
  readonly links: Set<Link>;
  readonly counters: Counters;
  /** Whether somebody wants to see the bytes. */
  readonly watchesWire: boolean;
  /** Called when a connection has ended. */
  onClosed(): void;
}

/** How much of what comes while somebody holds may wait before the socket is paused. */
const readAheadBytes = 16 * 1024;

export abstract class Link implements Beating, SocketOwner, WriterHost {
  readonly group: LinkGroup;
  readonly socket: Duplex;
  readonly protocol: string;
  readonly agreed: AgreedExtension | undefined;
  readonly endpoint: Endpoint<Link>;
  readonly writer: Writer;

  silentTicks = 0;
  messagesReceived = 0;
  bytesReceived = 0;
  /** Whether a chunk is being read, at whose end all that was sent is written. */
  isReceiving = false;

  #holds = 0;
  /** There once the end has begun, or somebody waits for it. */
  #ending: Ending | undefined;

  constructor(group: LinkGroup, socket: Duplex, { protocol, agreed }: Agreement) {
    this.group = group;
    this.socket = socket;
    this.protocol = protocol;
    this.agreed = agreed;
    this.endpoint = new Endpoint(group.endpointOptions, this, agreed?.open());
    this.writer = new Writer(this);
  }

  // ---- What a face does

  /** A message came; `isText` tells a text that is given as bytes from a binary message. */
  protected abstract onMessage(message: Message, isText: boolean): void;
  protected abstract onPing(payload: Uint8Array): void;
  protected abstract onPong(payload: Uint8Array): void;
  /** There is room again, after `send` had returned false. */
  protected abstract onDrain(): void;
  /** The connection fails: the peer broke a rule or a limit, or the transport broke. */
  protected abstract onFailure(error: Error): void;
  /** The connection has ended, after all that came before. */
  protected abstract onEnd(closed: Closed): void;
  /** Calls what `send` was given to be told by. */
  abstract callBack(onWritten: OnWritten, error: Error | undefined): void;
  /** A message begins: see `Endpoint.announceMessages`. */
  protected onBegin(_isText: boolean): void {}
  /** Bytes came, or are about to be written, while `group.watchesWire`. */
  onWire(_direction: WireDirection, _bytes: Uint8Array): void {}
  /** A part of a message came, which is valid until this returns. */
  protected onPart(_bytes: Uint8Array, _isLast: boolean): void {}
  /** We close: nobody begins to read any more. */
  protected onClosing(): void {}
  /** The socket is gone, and what it brought is delivered before the end. */
  protected onSocketGone(): void {}

  // ---- Beginning

  /** From now on the link owns the socket; nothing is delivered before `beginReading`. */
  protected begin(): void {
    const { group } = this;
    own(this.socket, this);
    group.links.add(this);
    group.counters.opened++;
    group.heartbeat?.watch(group.links);
    this.holdFor(Hold.opening);
  }

  /**
   * Delivers `early`, the bytes that came behind the handshake, then what the socket brings; now, or in a
   * later turn, when whoever waits for the connection has got it.
   */
  protected beginReading(early: Uint8Array, when: "now" | "later"): void {
    if (early.length > 0) this.#receive(early, early.length);
    if (when === "now") this.releaseFor(Hold.opening);
    else setImmediate(() => this.releaseFor(Hold.opening));
    // What happened to the socket before anybody listened does not happen again.
    if (isGone(this.socket)) this.socketClosed();
    else if (this.socket.readableEnded) this.socketEnded();
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
    if (this.group.watchesWire) this.onWire("in", chunk.subarray(0, end));
    this.isReceiving = true;
    this.endpoint.receive(chunk, end);
    this.isReceiving = false;
  }

  /** A message came. */
  deliver(message: Message, isText: boolean): void {
    if (this.#ending?.isIgnoring === true) return;
    this.messagesReceived++;
    this.group.counters.messagesReceived++;
    this.onMessage(message, isText);
  }

  /** A message begins, of which the face wants to be told. */
  messageBegins(isText: boolean): void {
    if (this.#ending?.isIgnoring !== true) return this.onBegin(isText);
    this.endpoint.receiveInParts(Number.POSITIVE_INFINITY);
  }

  /** A part of a message came, which the face wants in parts. */
  deliverPart(bytes: Uint8Array, isLast: boolean): void {
    if (this.#ending?.isIgnoring === true) return;
    if (isLast) {
      this.messagesReceived++;
      this.group.counters.messagesReceived++;
    }
    this.onPart(bytes, isLast);
  }

  pinged(payload: Uint8Array): void {
    if (this.#ending?.isIgnoring !== true) this.onPing(payload);
  }

  ponged(payload: Uint8Array): void {
    if (this.#ending?.isIgnoring !== true) this.onPong(payload);
  }

  /** From now on nothing that comes is delivered. */
  protected ignoreInput(): void {
    this.#end().isIgnoring = true;
  }

  /** Delivers nothing until that one, and all others who hold, have released. */
  protected holdFor(who: number): void {
    this.#holds |= who;
    this.endpoint.hold();
  }

  protected releaseFor(who: number): void {
    if ((this.#holds & who) === 0) return;
    this.#holds &= ~who;
    if (this.#holds !== 0) return;
    this.endpoint.release();
    this.goOn();
  }

  pauseByUser(): void {
    this.holdFor(Hold.user);
  }

  resumeByUser(): void {
    this.releaseFor(Hold.user);
  }

  get isPausedByUser(): boolean {
    return (this.#holds & Hold.user) !== 0;
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

  /** The peer takes what we send, which counts as life. */
  progressed(): void {
    this.silentTicks = 0;
  }

  drainedNow(): void {
    this.onDrain();
  }

  overflowed(error: LimitError): void {
    this.#end().error = error;
    // Closed first: the face may send to this connection, too.
    this.close(error.closeCode, "reading too slowly");
    this.onFailure(error);
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
    cutOff(this.socket);
  }

  // ---- Closing

  /** Whether the socket is closed; streams of older kinds tell that once, by their event. */
  protected get isSocketGone(): boolean {
    return isGone(this.socket) || this.#ending?.isSocketGone === true;
  }

  /** Closes as part of the server's drain. */
  drain(code: number, reason: string | undefined): void {
    this.#end().isDraining = true;
    this.close(code, reason);
  }

  close(code?: number, reason?: string): void {
    this.endpoint.close(code, reason);
    this.#closes();
  }

  /** The same with the payload of the Close frame as bytes. */
  closeWith(payload: Uint8Array): void {
    this.endpoint.closeWith(payload);
    this.#closes();
  }

  #closes(): void {
    this.writer.outputReady();
    if (this.endpoint.state !== "closed") this.#armCloseTimer();
    if (this.isSocketGone) this.#armLastTimer();
    this.onClosing();
  }

  terminate(): void {
    const ending = this.#end();
    ending.isTerminated = true;
    ending.isIgnoring = true;
    // With the socket gone, only a handler that does not settle is left to wait for.
    if (this.isSocketGone) this.endpoint.abort();
    else cutOff(this.socket);
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
    this.onFailure(error);
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
    this.onFailure(error);
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
    ending.isSocketGone = true;
    ending.disarm();
    this.endpoint.output.clear();
    // After both Close frames there is nothing to read, nor anybody for what waits for its encoding.
    const isOver = ending.isTerminated || this.endpoint.state === "close-exchanged";
    if (isOver) this.endpoint.abort();
    else this.endpoint.receiveEnd();
    this.releaseFor(Hold.user);
    this.onSocketGone();
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
    group.counters.closed++;
    const closed = this.#outcome();
    this.writer.ended(this.closedError());
    this.#ending?.ended(closed);
    this.onEnd(closed);
    group.onClosed();
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
    if (this.isSocketGone) return;
    this.#end().arm(this.group.options.closeTimeoutMs, () => this.#closeTimedOut());
  }

  #closeTimedOut(): void {
    const ending = this.#end();
    // In a drain it may be us who are slow: as long as messages are being handled, `server.close` and
    // its own time-out decide.
    const isWorking = this.#holds !== 0 && this.messagesReceived !== ending.handledAtCheck;
    if (!ending.isDraining || !isWorking) {
      cutOff(this.socket);
      return;
    }
    ending.handledAtCheck = this.messagesReceived;
    ending.extend();
  }
}
