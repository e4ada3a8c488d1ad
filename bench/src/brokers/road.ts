// The brokers that are compared, each on the client that a program would use.

import { connect } from "@nats-io/transport-node";
import { type Broker, MemoryBroker } from "hawser";
import { natsBroker } from "hawser/nats";
import { redisBroker } from "hawser/redis";
import { Redis } from "ioredis";
import { createClient } from "redis";

/** Every way there is, with the engine that it needs. */
export const roads: Readonly<Record<string, "redis" | "nats" | undefined>> = {
  "in process": undefined,
  ioredis: "redis",
  "ioredis, sharded": "redis",
  "redis (node-redis)": "redis",
  "redis (node-redis), sharded": "redis",
  nats: "nats",
};

export async function makeBroker(road: string, port: number): Promise<Broker> {
  const sharded = road.endsWith("sharded");
  if (road === "nats") return natsBroker(await connect({ servers: `127.0.0.1:${port}` }));
  if (road.startsWith("ioredis")) {
    return redisBroker(new Redis({ port, host: "127.0.0.1" }), { sharded });
  }
  if (road.startsWith("redis")) {
    const client = createClient({ socket: { port, host: "127.0.0.1" } });
    await client.connect();
    return redisBroker(client, { sharded });
  }
  return new MemoryBroker();
}
