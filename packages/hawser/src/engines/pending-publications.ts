// Publications that wait for the engine's confirmation: so many bytes at most, and none for longer than the
// engine counts as there. A client may go on to keep what was given up; it is bounded by what this let through.

import { BrokerError } from "./broker-error.ts";

/** What one publication costs beside its bytes, roughly. */
const overheadBytes = 256;

interface Pending {
  reject(error: BrokerError): void;
  readonly topic: string;
}

export class PendingPublications {
  readonly #maxBytes: number;
  readonly #waiting = new Set<Pending>();
  /** Of those too that were given up, until the client lets go of them. */
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Settles as what `send` returns, unless it is given up before.
   *
   * @throws BrokerError (rejects) HAWSER_BROKER_PENDING, HAWSER_BROKER_REFUSED, HAWSER_BROKER_UNCONFIRMED
   */
  async add(
    topic: string,
    contentBytes: number,
    send: () => Promise<unknown>,
    isConnected: () => boolean,
  ): Promise<void> {
    const bytes = contentBytes + overheadBytes;
    if (this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes) {
      const more = `${this.#bytes} of ${this.#maxBytes} bytes`;
      throw new BrokerError("HAWSER_BROKER_PENDING", { topic, more });
    }
    let pending: Pending | undefined;
    const givenUp = new Promise<never>((_resolve, reject) => {
      pending = { reject, topic };
      this.#waiting.add(pending);
    });
    try {
      await Promise.race([this.#counted(send, bytes), givenUp]);
    } catch (cause) {
      if (cause instanceof BrokerError) throw cause;
      const code = isConnected() ? "HAWSER_BROKER_REFUSED" : "HAWSER_BROKER_UNCONFIRMED";
      throw new BrokerError(code, { topic, cause });
    } finally {
      this.#waiting.delete(pending as Pending);
    }
  }

  /** Its bytes count until the client lets go of them, given up or not. */
  async #counted(send: () => Promise<unknown>, bytes: number): Promise<void> {
    this.#bytes += bytes;
    try {
      await send();
    } finally {
      this.#bytes -= bytes;
    }
  }

  /** Whoever waits is told that it will not be told. */
  giveUp(): void {
    for (const { reject, topic } of this.#waiting) {
      reject(new BrokerError("HAWSER_BROKER_UNCONFIRMED", { topic }));
    }
    this.#waiting.clear();
  }
}
