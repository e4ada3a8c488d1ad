// NATS. A client of NATS is told nothing of what it publishes: a PING behind it, one for all that is published
// while the one before is under way, tells that the server has had it. What the server refuses it tells of before it
// answers, in an event that names the subject. The client queues while it is disconnected, without a bound; so
// nothing is given to it then.

import { Buffer } from "node:buffer";
import { setImmediate as nextTurn } from "node:timers/promises";
import { UsageError } from "../../protocol/index.ts";
import type { DriverEvents, EngineDriver } from "../driver.ts";
import type { NatsConnection, NatsMessage, NatsStatus, NatsSubscription } from "./connection.ts";

/** What tells that the connection is gone. */
const losses = new Set(["disconnect", "staleConnection", "close"]);

/** Publications to one subject. */
interface Unconfirmed {
  count: number;
  /** What the server refused one of them with: it would refuse the others as well. */
  refusal: Error | undefined;
}

export class NatsDriver implements EngineDriver {
  readonly separator: string = ".";
  readonly #connection: NatsConnection;
  readonly #subscriptions = new Map<string, NatsSubscription>();
  /** Subjects that are published to and not confirmed yet. */
  readonly #unconfirmed = new Map<string, Unconfirmed>();
  #events: DriverEvents | undefined;
  #isLost = false;
  #flush: Promise<void> | undefined;
  #nextFlush: Promise<void> | undefined;
  /** Ends the waiting for the flush that is under way. */
  #giveUp: (error: Error) => void = () => undefined;

  /** @throws UsageError HAWSER_OPTION_INVALID */
  constructor(connection: NatsConnection) {
    const { options } = connection as { readonly options?: { readonly noEcho?: boolean } };
    if (options?.noEcho === true) {
      throw new UsageError(
        "HAWSER_OPTION_INVALID",
        "the NATS connection must not have noEcho: what proves that the engine is there is a message that comes back",
      );
    }
    this.#connection = connection;
  }

  get maxContentBytes(): number | undefined {
    return this.#connection.info?.max_payload;
  }

  get isConnected(): boolean {
    return !this.#isLost && !this.#connection.isClosed();
  }

  start(events: DriverEvents): void {
    this.#events = events;
    void this.#watch();
  }

  async #watch(): Promise<void> {
    for await (const status of this.#connection.status()) {
      const { type } = status;
      if (this.#events === undefined) return;
      if (losses.has(type)) this.#lost(new Error(`NATS: ${type}`));
      else if (type === "error") this.#refused(status);
      else if (type === "reconnect") {
        this.#isLost = false;
        this.#events.connected();
      }
    }
    this.#lost(new Error("the NATS connection is closed"));
  }

  /** Of a subscription its callback is told as well. */
  #refused({ error }: NatsStatus): void {
    if (error?.operation !== "publish" || error.subject === undefined) return;
    const unconfirmed = this.#unconfirmed.get(error.subject);
    if (unconfirmed !== undefined) unconfirmed.refusal = error;
  }

  #lost(error: Error): void {
    this.#isLost = true;
    this.#giveUp(error);
    this.#events?.disconnected(error);
  }

  async publish(channel: string, content: Buffer): Promise<void> {
    this.#connection.publish(channel, content);
    const unconfirmed = this.#unconfirmed.get(channel) ?? { count: 0, refusal: undefined };
    this.#unconfirmed.set(channel, unconfirmed);
    unconfirmed.count++;
    try {
      await this.#flushed();
    } finally {
      if (--unconfirmed.count === 0) this.#unconfirmed.delete(channel);
    }
    if (unconfirmed.refusal !== undefined) throw unconfirmed.refusal;
  }

  async join(channels: readonly string[]): Promise<void> {
    let refusal: Error | undefined;
    for (const channel of channels) {
      if (this.#subscriptions.has(channel)) continue;
      const callback = (error: Error | null, { data }: NatsMessage): void => {
        if (error !== null) {
          // The connection has let go of it already.
          this.#subscriptions.delete(channel);
          refusal = error;
          return;
        }
        const content = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
        this.#events?.message(channel, content);
      };
      this.#subscriptions.set(channel, this.#connection.subscribe(channel, { callback }));
    }
    await this.#flushed();
    if (refusal !== undefined) throw refusal;
  }

  async leave(channels: readonly string[]): Promise<void> {
    for (const channel of channels) {
      this.#subscriptions.get(channel)?.unsubscribe();
      this.#subscriptions.delete(channel);
    }
  }

  /** When the server has had all that was sent until now. */
  #flushed(): Promise<void> {
    this.#nextFlush ??= this.#flushAgain();
    return this.#nextFlush;
  }

  async #flushAgain(): Promise<void> {
    // All that is sent until then is behind the same PING.
    await (this.#flush ?? Promise.resolve()).catch(() => undefined);
    this.#nextFlush = undefined;
    const lost = new Promise<never>((_resolve, reject) => {
      this.#giveUp = reject;
    });
    // The event of a refusal arrives before the answer and is read from the iterator of events a little after it.
    const answered = this.#connection.flush().then(() => nextTurn());
    const flush = Promise.race([answered, lost]);
    this.#flush = flush;
    return flush;
  }

  async end(): Promise<void> {
    this.#events = undefined;
    if (this.#connection.isClosed()) return;
    for (const subscription of this.#subscriptions.values()) subscription.unsubscribe();
    this.#subscriptions.clear();
  }
}
