// The messages of a connection as an async iterator. It pulls: nothing is read from the connection
// unless somebody asks for the next message, so a slow loop slows its peer down and at most one message
// waits here.

import type { Buffer } from "node:buffer";
import type { ConnectionClosedError } from "../protocol/index.ts";

type Result = IteratorResult<string | Buffer, undefined>;

interface Waiter {
  resolve(result: Result): void;
  reject(error: ConnectionClosedError): void;
}

/** What the inbox asks of its connection. */
export interface Source {
  /** Deliver nothing until `resume`. */
  hold(): void;
  /** Deliver one message. */
  resume(): void;
}

export class Inbox implements AsyncIterableIterator<string | Buffer, undefined> {
  readonly #source: Source;
  readonly #waiters: Waiter[] = [];
  #message: string | Buffer | undefined;
  #hasMessage = false;
  #ended: "cleanly" | ConnectionClosedError | undefined;
  #isDiscarding = false;
  /** Whether somebody reads, or has begun to and not said that it is done. */
  isRead = false;

  constructor(source: Source) {
    this.#source = source;
  }

  [Symbol.asyncIterator](): this {
    this.isRead = true;
    return this;
  }

  /** A message came. */
  deliver(message: string | Buffer): void {
    if (this.#isDiscarding) return;
    const waiter = this.#waiters.shift();
    if (waiter === undefined) {
      this.#message = message;
      this.#hasMessage = true;
    } else {
      waiter.resolve({ value: message, done: false });
    }
    if (this.#waiters.length === 0) this.#source.hold();
  }

  /** Nothing more will come. */
  end(how: "cleanly" | ConnectionClosedError): void {
    this.#ended = how;
    for (const waiter of this.#waiters.splice(0)) this.#settle(waiter, how);
  }

  /** Drops what is unread and all that will come, so that the closing handshake can go on. */
  discard(): void {
    this.#isDiscarding = true;
    this.#takeMessage();
    this.#source.resume();
  }

  /**
   * The next message; done after a clean close.
   *
   * @throws ConnectionClosedError once, when the connection ended without a closing handshake
   */
  next(): Promise<Result> {
    this.isRead = true;
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { resolve, reject };
      if (this.#hasMessage) resolve({ value: this.#takeMessage(), done: false });
      else if (this.#ended !== undefined) this.#settle(waiter, this.#ended);
      else {
        this.#waiters.push(waiter);
        this.#source.resume();
      }
    });
  }

  /** The loop was left: the connection stays open, and unread messages wait for the next loop. */
  return(): Promise<Result> {
    this.isRead = false;
    return Promise.resolve({ value: undefined, done: true });
  }

  #takeMessage(): string | Buffer {
    const message = this.#message;
    this.#message = undefined;
    this.#hasMessage = false;
    return message as string | Buffer;
  }

  #settle(waiter: Waiter, how: "cleanly" | ConnectionClosedError): void {
    if (how === "cleanly") waiter.resolve({ value: undefined, done: true });
    else waiter.reject(how);
    // An unclean end is told once; whoever asks again is simply done.
    this.#ended = "cleanly";
  }
}
