// What a connection has to know of its own end, once that has begun or somebody waits for it: an open
// connection has none of it. The peer has `closeTimeoutMs` to do its part; while a server drains, those
// who are still working on messages have longer.

import type { Closed } from "./link.ts";

export class Ending {
  /** What ends the connection, if it is a failure. */
  error: Error | undefined;
  /** Ended by the user, at once. */
  isTerminated = false;
  /** Messages are dropped: a handler has failed, or the connection was terminated. */
  isIgnoring = false;
  /** The socket has closed. */
  isSocketGone = false;
  /** Part of the server's drain. */
  isDraining = false;
  /** How many messages had come when the drain last looked whether they are being handled. */
  handledAtCheck = -1;
  readonly #waiters: ((closed: Closed) => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** Begins to wait for the peer, unless it is waited for already. */
  arm(timeoutMs: number, onTimeout: () => void): void {
    this.#timer ??= setTimeout(onTimeout, timeoutMs).unref();
  }

  disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Waits as long once more. */
  extend(): void {
    this.#timer?.refresh();
  }

  /** Calls back when the connection has ended. */
  wait(waiter: (closed: Closed) => void): void {
    this.#waiters.push(waiter);
  }

  ended(closed: Closed): void {
    // When the socket is gone there may be a handler that is waited for, and it has just settled.
    this.disarm();
    for (const waiter of this.#waiters.splice(0)) waiter(closed);
  }
}
