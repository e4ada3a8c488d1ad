// The messages of a connection as an async iterator, whole or in parts. One message is read ahead, or only
// announced where parts were asked for before, and nothing behind it until somebody takes it: a slow loop
// slows its peer down, and as long as no message waits, pings are answered and the peer's Close frame is
// seen.

import type { Buffer } from "node:buffer";
import { ConnectionClosedError } from "../protocol/index.ts";
import { byteLengthOf } from "./message.ts";
import { MessageBody, type StreamedMessage, toStreamed, toWhole } from "./streamed-message.ts";

type Result = IteratorResult<string | Buffer, undefined>;
type StreamedResult = IteratorResult<StreamedMessage, undefined>;

interface Waiter {
  /** How many bytes a message may have that is wanted in parts; undefined when it is wanted whole. */
  readonly maxBytes: number | undefined;
  /** The result, of the kind that is wanted. */
  resolve(result: unknown): void;
  reject(error: ConnectionClosedError): void;
}

/** What the inbox asks of its connection. */
export interface Source {
  /** Deliver nothing until `resume`. */
  hold(): void;
  /** Go on delivering. */
  resume(): void;
  /** Nobody reads any more. */
  left(): void;
  /** From now on say of each message when it begins. */
  announceMessages(): void;
  /** Give the message that has begun in parts. */
  receiveInParts(maxBytes: number): void;
  /** A message is longer than it may be. */
  messageTooBig(maxBytes: number, actual: number): void;
}

export class Inbox implements AsyncIterableIterator<string | Buffer, undefined> {
  readonly #source: Source;
  readonly #waiters: Waiter[] = [];
  #messages: (string | Buffer | MessageBody)[] = [];
  /** What has begun, and waits for somebody who says how to give it. */
  #begun: "text" | "binary" | undefined;
  /** What comes in parts just now. */
  #body: MessageBody | undefined;
  #ended: "cleanly" | ConnectionClosedError | undefined;
  #isDiscarding = false;
  #isLast = false;
  #isLooping = false;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Whether somebody reads, or has begun to and not said that it is done. */
  get isRead(): boolean {
    return this.#isLooping || this.#waiters.length > 0 || this.#body?.isRead === true;
  }

  /** Whether nothing is there that nobody has taken. */
  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  [Symbol.asyncIterator](): this {
    this.#isLooping = true;
    return this;
  }

  // ---- What comes

  /** A message came. */
  deliver(message: string | Buffer): void {
    if (this.#isDiscarding) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) return this.#give(waiter, message);
    this.#messages.push(message);
    if (!this.#isLast) this.#source.hold();
  }

  /** A message begins. */
  begin(isText: boolean): void {
    if (this.#isDiscarding) return this.#source.receiveInParts(Number.POSITIVE_INFINITY);
    const waiter = this.#waiters[0];
    if (waiter === undefined && !this.#isLast) {
      this.#begun = isText ? "text" : "binary";
      return this.#source.hold();
    }
    if (waiter === undefined) this.#messages.push(this.#takeInParts(isText));
    else if (waiter.maxBytes !== undefined) {
      this.#waiters.shift();
      this.#give(waiter, this.#takeInParts(isText, waiter.maxBytes));
    }
  }

  /** A part came of the message that has begun; its bytes stay the source's. */
  part(bytes: Uint8Array, isLast: boolean): void {
    const body = this.#body;
    if (isLast) this.#body = undefined;
    body?.receive(bytes, isLast);
  }

  /**
   * The socket is gone: takes all that it had brought, which is bounded by its buffers, so that the
   * end is seen even when nobody reads on.
   */
  takeLast(): void {
    this.#isLast = true;
    const begun = this.#begun;
    this.#begun = undefined;
    if (begun !== undefined) this.#messages.push(this.#takeInParts(begun === "text"));
    this.#source.resume();
  }

  /** The connection has ended: what was being given in parts is not complete. */
  cutOff(error: ConnectionClosedError): void {
    const body = this.#body;
    this.#begun = undefined;
    body?.fail(error);
    // One that nobody has asked for yet has not been there.
    this.#messages = this.#messages.filter((message) => message !== body);
    this.#body = undefined;
  }

  /** Nothing more will come. */
  end(how: "cleanly" | ConnectionClosedError): void {
    this.#ended = how;
    for (const waiter of this.#waiters.splice(0)) this.#settle(waiter);
  }

  /**
   * Drops what is unread and all that will come, so that the closing handshake can go on; but for a message
   * whose content somebody is reading.
   */
  discard(): void {
    this.#isDiscarding = true;
    this.#messages = [];
    if (this.#begun !== undefined) this.#source.receiveInParts(Number.POSITIVE_INFINITY);
    this.#begun = undefined;
    if (this.#body?.isRead === false) this.#body.skip();
    this.#source.resume();
  }

  #takeInParts(isText: boolean, maxBytes: number = Number.POSITIVE_INFINITY): MessageBody {
    this.#source.receiveInParts(maxBytes);
    const body = new MessageBody(isText, {
      hold: () => {
        if (!this.#isLast) this.#source.hold();
      },
      // Of a message that has come there is nothing to go on with, and the next may be held back.
      resume: () => {
        if (this.#body === body) this.#source.resume();
      },
    });
    this.#body = body;
    return body;
  }

  // ---- Who asks for it

  /**
   * The next message; done after a clean close.
   *
   * @throws ConnectionClosedError once, when the connection ended without a closing handshake
   */
  next(): Promise<Result> {
    this.#isLooping = true;
    return this.#ask(undefined);
  }

  /** The same in parts; what nobody reads of the one before is skipped. */
  nextInParts(maxBytes: number): Promise<StreamedResult> {
    this.#source.announceMessages();
    return this.#ask(maxBytes);
  }

  /** All of them in parts. */
  inParts(maxBytes: number): AsyncIterableIterator<StreamedMessage, undefined> {
    this.#source.announceMessages();
    this.#isLooping = true;
    return {
      next: () => this.nextInParts(maxBytes),
      return: () => this.return(),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** The loop was left: the connection stays open, and unread messages wait for the next loop. */
  return(): Promise<IteratorReturnResult<undefined>> {
    this.#isLooping = false;
    this.#source.left();
    return Promise.resolve({ value: undefined, done: true });
  }

  /** Whoever reads will not go on, though it may have asked for more: the connection closes. */
  abandon(): void {
    this.#isLooping = false;
    this.discard();
  }

  #ask<Some>(maxBytes: number | undefined): Promise<IteratorResult<Some, undefined>> {
    return new Promise((resolve, reject) => {
      const waiter = { maxBytes, resolve, reject } as Waiter;
      const message = this.#messages.shift();
      if (message !== undefined) {
        this.#give(waiter, message);
        this.#source.resume();
      } else if (this.#begun !== undefined) this.#giveBegun(waiter, this.#begun === "text");
      else if (this.#ended !== undefined) this.#settle(waiter);
      else {
        this.#waiters.push(waiter);
        if (this.#body?.isRead === false) this.#body.skip();
      }
    });
  }

  #giveBegun(waiter: Waiter, isText: boolean): void {
    this.#begun = undefined;
    if (waiter.maxBytes === undefined) this.#waiters.push(waiter);
    else this.#give(waiter, this.#takeInParts(isText, waiter.maxBytes));
    this.#source.resume();
  }

  #give(waiter: Waiter, message: string | Buffer | MessageBody): void {
    const { maxBytes } = waiter;
    if (message instanceof MessageBody) {
      if (maxBytes !== undefined) return waiter.resolve({ value: message.message, done: false });
      return waiter.resolve(toWhole(message.message).then((value) => ({ value, done: false })));
    }
    if (maxBytes === undefined) return waiter.resolve({ value: message, done: false });
    const bytes = byteLengthOf(message);
    if (bytes <= maxBytes) return waiter.resolve({ value: toStreamed(message), done: false });
    this.#waiters.unshift(waiter);
    this.#source.messageTooBig(maxBytes, bytes);
  }

  #settle(waiter: Waiter): void {
    if (this.#ended instanceof ConnectionClosedError) waiter.reject(this.#ended);
    else waiter.resolve({ value: undefined, done: true });
    // An unclean end is told once; whoever asks again is simply done.
    this.#ended = "cleanly";
  }
}
