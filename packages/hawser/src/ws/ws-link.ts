// The link behind a WebSocket of `ws`: what comes goes to its socket, whose listeners may throw as in any
// EventEmitter, and both ends close TCP as soon as the Close frames are exchanged.

import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { nextTick } from "node:process";
import { type Message, type OnWritten, TransportError } from "../protocol/index.ts";
import { type Agreement, type Closed, Hold, Link, type LinkGroup } from "../node/link.ts";

/** The socket behind a link, as the link sees it. */
export interface Face {
  message(bytes: Buffer, isText: boolean, fragmentEnds: readonly number[] | undefined): void;
  ping(payload: Buffer): void;
  pong(payload: Buffer): void;
  /** The peer closes, or its side of TCP has ended. */
  closing(): void;
  failed(error: Error): void;
  ended(closed: Closed): void;
}

export class WsLink extends Link {
  readonly #face: Face;
  /** Whether each event comes in a turn of its own. */
  readonly #isStepwise: boolean;
  #isEndDue = false;

  constructor(
    group: LinkGroup,
    socket: Duplex,
    agreement: Agreement,
    { face, isStepwise }: { readonly face: Face; readonly isStepwise: boolean },
  ) {
    super(group, socket, agreement);
    this.#face = face;
    this.#isStepwise = isStepwise;
  }

  /** Begins; what came early is delivered in a later turn, when listeners are there. */
  start(early: Buffer): void {
    this.begin();
    this.beginReading(early, "later");
  }

  protected override onMessage(message: Message, isText: boolean): void {
    const { fragmentEnds } = this.endpoint;
    this.#step(() => this.#face.message(message as Buffer, isText, fragmentEnds));
  }

  protected override onPing(payload: Uint8Array): void {
    this.#step(() => this.#face.ping(payload as Buffer));
  }

  protected override onPong(payload: Uint8Array): void {
    this.#step(() => this.#face.pong(payload as Buffer));
  }

  protected override onDrain(): void {}

  override closeExchanged(): void {
    super.closeExchanged();
    this.writer.end();
    this.#face.closing();
  }

  override socketEnded(): void {
    // Who has paused sees the end behind what is unread.
    this.#isEndDue = this.isPausedByUser;
    if (this.#isEndDue) return;
    this.#face.closing();
    super.socketEnded();
  }

  override resumeByUser(): void {
    super.resumeByUser();
    if (this.#isEndDue) this.socketEnded();
  }

  protected override onFailure(error: Error): void {
    // What happens to the transport is told by the code 1006 alone.
    if (error instanceof TransportError) return this.#face.closing();
    this.#call(() => this.#face.failed(error));
  }

  protected override onEnd(closed: Closed): void {
    const ended = (): void => this.#call(() => this.#face.ended(closed));
    // It is over when the socket is, which is a bit later when no Close frame is waited for.
    if (this.socket.closed) ended();
    else this.socket.once("close", ended);
  }

  callBack(onWritten: OnWritten, error: Error | undefined): void {
    this.#call(() => onWritten(error));
  }

  /** Fails for a reason of our own: the socket is ended at once. */
  failBy(error: Error): void {
    this.#call(() => this.#face.failed(error));
    this.socket.destroy();
  }

  #step(listener: () => void): void {
    if (this.#isStepwise) this.holdFor(Hold.inbox);
    this.#call(listener);
    // Behind what the listener asked for: that is what the turn is for.
    if (this.#isStepwise) setImmediate(() => this.releaseFor(Hold.inbox));
  }

  /** What a listener throws is for the process, and must not stop the connection half-way. */
  #call(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      nextTick(() => {
        throw error;
      });
    }
  }
}
