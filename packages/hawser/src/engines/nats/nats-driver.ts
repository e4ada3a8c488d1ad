// NATS. A client of NATS is told nothing of what it publishes: a PING behind it, one for all that is published
// while the one before is under way, tells that the server has had it. The client queues while it is disconnected,
// without a bound; so nothing is given to it then.

import { Buffer } from "node:buffer";
import { UsageError } from "../../protocol/index.ts";
import type { DriverEvents, EngineDriver } from "../driver.ts";
import type { NatsConnection, NatsMessage, NatsSubscription } from "./connection.ts";

/** What tells that the connection is gone. */
const losses = new Set(["disconnect", "staleConnection", "close"]);

export class NatsDriver implements EngineDriver {
  readonly separator: string = ".";
  readonly #connection: NatsConnection;
  readonly #subscriptions = new Map<string, NatsSubscription>();
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
    for await (const { type } of this.#connection.status()) {
      if (this.#events === undefined) return;
      if (losses.has(type)) this.#lost(new Error(`NATS: ${type}`));
      else if (type === "reconnect") {
        this.#isLost = false;
        this.#events.connected();
      }
    }
    this.#lost(new Error("the NATS connection is closed"));
  }

  #lost(error: Error): void {
    this.#isLost = true;
    this.#giveUp(error);
    this.#events?.disconnected(error);
  }

  async publish(channel: string, content: Buffer): Promise<void> {
    this.#connection.publish(channel, content);
    return this.#flushed();
  }

  async join(channels: readonly string[]): Promise<void> {
    for (const channel of channels) {
      if (this.#subscriptions.has(channel)) continue;
      const callback = (error: Error | null, { data }: NatsMessage): void => {
        if (error !== null) return;
        const content = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
        this.#events?.message(channel, content);
      };
      this.#subscriptions.set(channel, this.#connection.subscribe(channel, { callback }));
    }
    return this.#flushed();
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
    const flush = Promise.race([this.#connection.flush(), lost]);
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
