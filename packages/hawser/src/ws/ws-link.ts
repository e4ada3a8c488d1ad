// The link behind a WebSocket of `ws`: what comes goes to its socket, whose listeners may throw as in any
// EventEmitter, and both ends close TCP as soon as the Close frames are exchanged.

import type { Buffer } from "node:buffer";
import { type Duplex, Readable } from "node:stream";
import { nextTick } from "node:process";
import { type Message, type OnWritten, TransportError } from "../protocol/index.ts";
import { type Agreement, type Closed, Hold, Link } from "../node/link.ts";
import { ChunkCount } from "./chunk-count.ts";
import type { WsGroup } from "./group.ts";

/** What sockets of one class do with what comes: one table for all of them. */
export interface Face<Socket> {
  message(ws: Socket, bytes: Buffer, isText: boolean): void;
  ping(ws: Socket, payload: Buffer): void;
  pong(ws: Socket, payload: Buffer): void;
  /** The peer closes, or its side of TCP has ended. */
  closing(ws: Socket): void;
  failed(ws: Socket, error: Error): void;
  ended(ws: Socket, closed: Closed): void;
}

/** The message whose listeners are being called. */
export let messageInHand: Buffer | undefined;

const Flag = {
  /** Each event comes in a turn of its own. */
  stepwise: 1,
  /** The peer's side has ended, which is told when the user goes on. */
  endDue: 2,
  /** The user goes on, in the next tick. */
  resumeDue: 4,
  /** Somebody looks at the socket itself. */
  heard: 8,
} as const;

export class WsLink<Socket = unknown> extends Link {
  readonly #ws: Socket;
  readonly #face: Face<Socket>;
  #flags: number;
  /** There while a frame comes in pieces. */
  #chunks: ChunkCount | undefined;

  constructor(
    group: WsGroup,
    socket: Duplex,
    agreement: Agreement,
    ws: Socket,
    { face, isStepwise }: { readonly face: Face<Socket>; readonly isStepwise: boolean },
  ) {
    super(group, socket, agreement);
    this.#ws = ws;
    this.#face = face;
    this.#flags = isStepwise ? Flag.stepwise : 0;
  }

  /** Begins; what came with the handshake is delivered in a later turn, when listeners are there. */
  start(early: Buffer): void {
    this.begin();
    this.beginReading(early, early.length > 0 ? "later" : "now");
  }

  override socketRead(chunk: Uint8Array, end: number): void {
    const { maxChunks } = this.group as WsGroup;
    const fault = this.#chunks?.faultOfNext(maxChunks);
    if (fault !== undefined) return this.endpoint.fail(fault);
    super.socketRead(chunk, end);
    const heldBytes = this.endpoint.unfinishedFrameBytes;
    if (heldBytes > 0) (this.#chunks ??= new ChunkCount()).read(end, heldBytes);
    else this.#chunks = undefined;
  }

  protected override onMessage(message: Message, isText: boolean): void {
    if (this.#is(Flag.stepwise)) this.#step();
    messageInHand = message as Buffer;
    try {
      this.#face.message(this.#ws, message as Buffer, isText);
    } catch (error) {
      throwLater(error);
    }
    messageInHand = undefined;
  }

  protected override onPing(payload: Uint8Array): void {
    if (this.#is(Flag.stepwise)) this.#step();
    this.#call(() => this.#face.ping(this.#ws, payload as Buffer));
  }

  protected override onPong(payload: Uint8Array): void {
    if (this.#is(Flag.stepwise)) this.#step();
    this.#call(() => this.#face.pong(this.#ws, payload as Buffer));
  }

  protected override onDrain(): void {}

  override closeExchanged(): void {
    super.closeExchanged();
    this.writer.end();
    this.#face.closing(this.#ws);
    this.#awaitEnd();
  }

  override socketEnded(): void {
    // Who has paused sees the end behind what is unread.
    this.#put(Flag.endDue, this.isPausedByUser);
    if (this.isPausedByUser) return;
    this.#face.closing(this.#ws);
    super.socketEnded();
  }

  override pauseByUser(): void {
    this.#put(Flag.resumeDue, false);
    super.pauseByUser();
    // For everybody to see. What is under way is read on, up to the link's own limit.
    Readable.prototype.pause.call(this.socket);
  }

  /** As a stream does, goes on in the next tick. */
  override resumeByUser(): void {
    if (!this.isPausedByUser || this.#is(Flag.resumeDue)) return;
    this.#put(Flag.resumeDue, true);
    this.socket.resume();
    nextTick(() => {
      if (!this.#is(Flag.resumeDue)) return;
      this.#put(Flag.resumeDue, false);
      super.resumeByUser();
      if (this.#is(Flag.endDue)) this.socketEnded();
    });
  }

  override socketClosed(): void {
    // What a paused stream still has.
    const hasRest = this.socket.readableLength > 0;
    const rest = hasRest ? (this.socket.read() as Uint8Array | null) : null;
    if (rest !== null) this.socketRead(rest, rest.length);
    super.socketClosed();
  }

  override socketFailed(error: Error): void {
    super.socketFailed(error);
    // Streams that go on after an error are ended.
    this.socket.destroy();
  }

  socketHeard(): void {
    this.#put(Flag.heard, true);
  }

  /** Whether somebody looks at the socket itself: then each message is written when it is sent. */
  get isHeard(): boolean {
    return this.#is(Flag.heard);
  }

  #is(flag: number): boolean {
    return (this.#flags & flag) !== 0;
  }

  #put(flag: number, isSet: boolean): void {
    if (isSet) this.#flags |= flag;
    else this.#flags &= ~flag;
  }

  protected override onFailure(error: Error): void {
    // What happens to the transport is told by the code 1006 alone.
    if (error instanceof TransportError) return this.#face.closing(this.#ws);
    this.#awaitEnd();
    this.#call(() => this.#face.failed(this.#ws, error));
  }

  /** Nothing is read any more but the end, which a socket that somebody has paused would not bring. */
  #awaitEnd(): void {
    if (this.socket.isPaused()) nextTick(() => this.socket.resume());
  }

  protected override onEnd(closed: Closed): void {
    const ended = (): void => this.#call(() => this.#face.ended(this.#ws, closed));
    // It is over when the socket is, which is a bit later when no Close frame is waited for.
    if (this.isSocketGone) ended();
    else this.socket.once("close", ended);
  }

  callBack(onWritten: OnWritten, error: Error | undefined): void {
    this.#call(() => onWritten(error));
  }

  /** Fails for a reason of our own: the socket is ended at once. */
  failBy(error: Error): void {
    this.#call(() => this.#face.failed(this.#ws, error));
    this.socket.destroy();
  }

  /** Delivers nothing more in this turn, nor in the one that the listener asks for. */
  #step(): void {
    this.holdFor(Hold.inbox);
    nextTick(() => setImmediate(() => this.releaseFor(Hold.inbox)));
  }

  #call(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      throwLater(error);
    }
  }
}

/** What a listener throws is for the process, and must not stop the connection half-way. */
function throwLater(error: unknown): void {
  nextTick(() => {
    throw error;
  });
}
