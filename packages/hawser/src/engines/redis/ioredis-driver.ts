// Redis through `ioredis`. The client may send a PUBLISH again whose answer it did not get: who receives drops
// what is there twice, by its number.

import type { Buffer } from "node:buffer";
import type { DriverEvents, EngineDriver } from "../driver.ts";
import type { IoredisClient } from "./clients.ts";
import { watchConnections } from "./connections.ts";

export class IoredisDriver implements EngineDriver {
  readonly maxContentBytes: undefined = undefined;
  readonly separator: string = ":";
  readonly #client: IoredisClient;
  readonly #subscriber: IoredisClient;
  readonly #isSharded: boolean;
  #letGo: () => void = () => undefined;

  constructor(client: IoredisClient, isSharded: boolean) {
    this.#client = client;
    this.#isSharded = isSharded;
    // Subscriptions are restored by the broker, which knows what is wanted. Without a prefix for keys, which
    // sharded channels would get and others not.
    this.#subscriber = client.duplicate({
      autoResubscribe: false,
      maxRetriesPerRequest: null,
      keyPrefix: keyPrefixOf(client, isSharded),
    });
  }

  get isConnected(): boolean {
    return this.#client.status === "ready" && this.#subscriber.status === "ready";
  }

  start(events: DriverEvents): void {
    const both = [this.#client, this.#subscriber];
    this.#letGo = watchConnections(both, () => this.isConnected, ["close", "end"], events);
    const prefix = keyPrefixOf(this.#client, this.#isSharded);
    this.#subscriber.on(this.#isSharded ? "smessageBuffer" : "messageBuffer", (...values) => {
      const [channel, content] = values as [Buffer, Buffer];
      events.message(channel.toString("latin1").slice(prefix.length), content);
    });
    for (const one of both) {
      if (one.status === "wait") one.connect().catch(() => undefined);
    }
  }

  publish(channel: string, content: Buffer): Promise<unknown> {
    if (this.#isSharded) return this.#client.spublish(channel, content);
    return this.#client.publish(channel, content);
  }

  join(channels: readonly string[]): Promise<unknown> {
    if (!this.#isSharded) return this.#subscriber.subscribe(...channels);
    // In a cluster one command may only name channels of one slot.
    return Promise.all(channels.map((channel) => this.#subscriber.ssubscribe(channel)));
  }

  leave(channels: readonly string[]): Promise<unknown> {
    if (!this.#isSharded) return this.#subscriber.unsubscribe(...channels);
    return Promise.all(channels.map((channel) => this.#subscriber.sunsubscribe(channel)));
  }

  async end(): Promise<void> {
    this.#letGo();
    this.#subscriber.on("error", () => undefined);
    this.#subscriber.disconnect();
  }
}

/** What the client puts before the names of sharded channels, which are keys to it. */
function keyPrefixOf(client: IoredisClient, isSharded: boolean): string {
  const { options } = client as { readonly options?: { readonly keyPrefix?: string } };
  return isSharded ? (options?.keyPrefix ?? "") : "";
}
