// The connection that there is at the moment, for those who send: they may wait for the next one, until there will be
// none any more.

import type { Connection } from "hawser";

export class Current {
  #ws: Connection | undefined;
  #isReady = false;
  #isFinished = false;
  #waiting: (() => void)[] = [];

  get ws(): Connection | undefined {
    return this.#ws;
  }

  /** There is one; what is to be sent first is not yet. */
  found(ws: Connection): void {
    this.#ws = ws;
    this.#isReady = false;
  }

  /** Whoever waits for it may send. */
  ready(): void {
    this.#isReady = true;
    this.#wake();
  }

  lost(): void {
    this.#ws = undefined;
  }

  /** There will be no other. */
  finish(): void {
    this.#isFinished = true;
    this.#wake();
  }

  /** The open connection, or the next; undefined when there will be none. */
  async whenOpen(): Promise<Connection | undefined> {
    while (!this.#isFinished) {
      if (this.#isReady && this.#ws?.state === "open") return this.#ws;
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    return undefined;
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
