// Redis through `redis` (node-redis), which restores subscriptions before it says that it is ready, and does not
// ask the engine for one that it has: a PING behind them tells when they are in place.

import type { Buffer } from "node:buffer";
import type { DriverEvents, EngineDriver } from "../driver.ts";
import type { NodeRedisClient, NodeRedisListener } from "./clients.ts";
import { watchConnections } from "./connections.ts";

export class NodeRedisDriver implements EngineDriver {
  readonly maxContentBytes: undefined = undefined;
  readonly separator: string = ":";
  readonly #client: NodeRedisClient;
  readonly #subscriber: NodeRedisClient;
  readonly #isSharded: boolean;
  #onMessage: NodeRedisListener = () => undefined;
  #letGo: () => void = () => undefined;

  constructor(client: NodeRedisClient, isSharded: boolean) {
    this.#client = client;
    this.#isSharded = isSharded;
    this.#subscriber = client.duplicate();
  }

  get isConnected(): boolean {
    return this.#client.isReady && this.#subscriber.isReady;
  }

  start(events: DriverEvents): void {
    const both = [this.#client, this.#subscriber];
    this.#letGo = watchConnections(both, () => this.isConnected, ["reconnecting", "end"], events);
    this.#onMessage = (content, channel) => events.message(channel.toString("latin1"), content);
    this.#subscriber.connect().catch((error: unknown) => events.disconnected(error));
  }

  publish(channel: string, content: Buffer): Promise<unknown> {
    if (this.#isSharded) return this.#client.sPublish(channel, content);
    return this.#client.publish(channel, content);
  }

  join(channels: readonly string[]): Promise<unknown> {
    const joined = this.#isSharded
      ? this.#subscriber.sSubscribe([...channels], this.#onMessage, true)
      : this.#subscriber.subscribe([...channels], this.#onMessage, true);
    return Promise.all([joined, this.#subscriber.ping()]);
  }

  leave(channels: readonly string[]): Promise<unknown> {
    if (this.#isSharded) return this.#subscriber.sUnsubscribe([...channels], this.#onMessage, true);
    return this.#subscriber.unsubscribe([...channels], this.#onMessage, true);
  }

  async end(): Promise<void> {
    this.#letGo();
    this.#subscriber.on("error", () => undefined);
    this.#subscriber.destroy();
  }
}
