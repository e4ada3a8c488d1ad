// The messages of a connection as an async iterator. One message is read ahead, and nothing behind it
// until somebody takes it: a slow loop slows its peer down, and as long as no message waits, pings are
// answered and the peer's Close frame is seen.

import type { Buffer } from "node:buffer";
import { ConnectionClosedError } from "../protocol/index.ts";

type Result = IteratorResult<string | Buffer, undefined>;

interface Waiter {
  resolve(result: Result): void;
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
}

export class Inbox implements AsyncIterableIterator<string | Buffer, undefined> {
  readonly #source: Source;
  readonly #waiters: Waiter[] = [];
  #messages: (string | Buffer)[] = [];
  #ended: "cleanly" | ConnectionClosedError | undefined;
  #isDiscarding = false;
  #isLast = false;
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
    if (waiter !== undefined) {
      waiter.resolve({ value: message, done: false });
      return;
    }
    this.#messages.push(message);
    if (!this.#isLast) this.#source.hold();
  }

  /**
   * The socket is gone: takes all that it had brought, which is bounded by its buffers, so that the
   * end is seen even when nobody reads on.
   */
  takeLast(): void {
    this.#isLast = true;
    this.#source.resume();
  }

  /** Nothing more will come. */
  end(how: "cleanly" | ConnectionClosedError): void {
    this.#ended = how;
    for (const waiter of this.#waiters.splice(0)) this.#settle(waiter);
  }

  /** Drops what is unread and all that will come, so that the closing handshake can go on. */
  discard(): void {
    this.#isDiscarding = true;
    this.#messages = [];
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
      const value = this.#messages.shift();
      if (value !== undefined) {
        resolve({ value, done: false });
        this.#source.resume();
      } else if (this.#ended !== undefined) this.#settle(waiter);
      else this.#waiters.push(waiter);
    });
  }

  /** The loop was left: the connection stays open, and unread messages wait for the next loop. */
  return(): Promise<Result> {
    this.isRead = false;
    this.#source.left();
    return Promise.resolve({ value: undefined, done: true });
  }

  #settle(waiter: Waiter): void {
    if (this.#ended instanceof ConnectionClosedError) waiter.reject(this.#ended);
    else waiter.resolve({ value: undefined, done: true });
    // An unclean end is told once; whoever asks again is simply done.
    this.#ended = "cleanly";
  }
}
