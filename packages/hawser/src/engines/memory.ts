// The embedded engine: the servers of one process. It has no connection that could fail, so it is always up.

import { Buffer } from "node:buffer";
import type { Broker, BrokerHealth, BrokerLimits, BrokerListener, BrokerState } from "./broker.ts";
import { BrokerError } from "./broker-error.ts";
import { escapeTopic } from "./channel-name.ts";
import { Listeners } from "./listeners.ts";
import { type BrokerOptions, resolveLimits } from "./options.ts";

/** Joins the servers of one process that are given the same one. */
export class MemoryBroker implements Broker {
  readonly limits: BrokerLimits;
  readonly #listeners = new Listeners();
  readonly #watchers = new Set<Parameters<Broker["watch"]>[0]>();
  #isClosed = false;

  /** @throws UsageError HAWSER_OPTION_INVALID */
  constructor(options: Pick<BrokerOptions, keyof BrokerLimits> = {}) {
    this.limits = resolveLimits(options);
  }

  get state(): BrokerState {
    return this.#isClosed ? "closed" : "up";
  }

  async publish(topic: string, content: Buffer): Promise<void> {
    if (this.#isClosed) throw new BrokerError("HAWSER_BROKER_CLOSED", { topic });
    escapeTopic(topic);
    if (this.#listeners.has(topic)) this.#listeners.deliver(topic, Buffer.from(content));
  }

  async subscribe(topic: string, listener: BrokerListener): Promise<void> {
    if (this.#isClosed) throw new BrokerError("HAWSER_BROKER_CLOSED", { topic });
    escapeTopic(topic);
    this.#listeners.add(topic, listener);
  }

  async unsubscribe(topic: string, listener: BrokerListener): Promise<void> {
    this.#listeners.remove(topic, listener);
  }

  async health(): Promise<BrokerHealth> {
    const error = this.#isClosed ? new BrokerError("HAWSER_BROKER_CLOSED") : undefined;
    return { state: this.state, roundTripMs: this.#isClosed ? undefined : 0, error };
  }

  watch(listener: Parameters<Broker["watch"]>[0]): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listeners.clear();
    for (const watcher of this.#watchers) watcher("closed", undefined);
  }
}
