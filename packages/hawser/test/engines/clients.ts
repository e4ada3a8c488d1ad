// The clients that brokers are made of, one of each kind, as a program would make them.

import { connect } from "@nats-io/transport-node";
import { type Broker, type BrokerOptions, natsBroker } from "../../dist/engines/nats/index.js";
import { redisBroker } from "../../dist/engines/redis/index.js";
import { Redis } from "ioredis";
import { createClient } from "redis";
import type { EngineName } from "./engine.ts";

/** A way to reach an engine. */
export type Road = "ioredis" | "ioredis, sharded" | "node-redis" | "node-redis, sharded" | "nats";

interface Maker {
  readonly engine: EngineName;
  make(port: number, options: BrokerOptions): Promise<Made>;
}

/** A broker with the client that it is made of. */
export interface Made {
  readonly broker: Broker;
  endClient(): Promise<void> | void;
}

async function makeIoredis(port: number, options: BrokerOptions, sharded: boolean): Promise<Made> {
  const client = new Redis({ port, host: "127.0.0.1", retryStrategy: () => 50 });
  client.on("error", () => undefined);
  return {
    broker: redisBroker(client, { ...options, sharded }),
    endClient: () => client.disconnect(),
  };
}

async function makeNodeRedis(
  port: number,
  options: BrokerOptions,
  sharded: boolean,
): Promise<Made> {
  const client = createClient({
    socket: { port, host: "127.0.0.1", reconnectStrategy: () => 50 },
  });
  client.on("error", () => undefined);
  await client.connect();
  return {
    broker: redisBroker(client, { ...options, sharded }),
    endClient: () => client.destroy(),
  };
}

async function makeNats(port: number, options: BrokerOptions): Promise<Made> {
  const connection = await connect({
    servers: `127.0.0.1:${port}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
    reconnectJitter: 0,
  });
  return { broker: natsBroker(connection, options), endClient: () => connection.close() };
}

const roads: Readonly<Record<Road, Maker>> = {
  ioredis: { engine: "redis", make: (port, options) => makeIoredis(port, options, false) },
  "ioredis, sharded": {
    engine: "redis",
    make: (port, options) => makeIoredis(port, options, true),
  },
  "node-redis": { engine: "redis", make: (port, options) => makeNodeRedis(port, options, false) },
  "node-redis, sharded": {
    engine: "redis",
    make: (port, options) => makeNodeRedis(port, options, true),
  },
  nats: { engine: "nats", make: makeNats },
};

export const roadNames: readonly Road[] = Object.keys(roads) as Road[];

export function engineOf(road: Road): EngineName {
  return roads[road].engine;
}

export function makeBroker(road: Road, port: number, options: BrokerOptions = {}): Promise<Made> {
  return roads[road].make(port, options);
}
