// `hawser/redis`: topics that reach other processes through Redis, over the client that a program has already.

import { UsageError } from "../../protocol/index.ts";
import type { Broker } from "../broker.ts";
import { EngineBroker } from "../engine-broker.ts";
import type { BrokerOptions } from "../options.ts";
import type { IoredisClient, NodeRedisClient } from "./clients.ts";
import { IoredisDriver } from "./ioredis-driver.ts";
import { NodeRedisDriver } from "./node-redis-driver.ts";

export type { Broker, BrokerHealth, BrokerLimits, BrokerListener, BrokerState } from "../broker.ts";
export { BrokerError, type BrokerErrorCode } from "../broker-error.ts";
export type { BrokerOptions } from "../options.ts";
export type { IoredisClient, NodeRedisClient, NodeRedisListener } from "./clients.ts";

/** How Redis is used. */
export interface RedisBrokerOptions extends BrokerOptions {
  /** Sharded pub/sub (SPUBLISH, SSUBSCRIBE), of Redis 7 and later. All nodes have to agree. Default false. */
  readonly sharded?: boolean;
}

/**
 * A broker over a client of `ioredis` or `redis`. The client publishes, a duplicate of it subscribes; `close`
 * ends the duplicate and leaves the client alone.
 *
 * @throws UsageError HAWSER_OPTION_INVALID
 */
export function redisBroker(
  client: IoredisClient | NodeRedisClient,
  { sharded = false, ...options }: RedisBrokerOptions = {},
): Broker {
  if ("spublish" in client && "status" in client) {
    return new EngineBroker(new IoredisDriver(client, sharded), options);
  }
  if ("sPublish" in client && "isReady" in client) {
    return new EngineBroker(new NodeRedisDriver(client, sharded), options);
  }
  throw new UsageError(
    "HAWSER_OPTION_INVALID",
    "redisBroker takes a client of ioredis or of redis (node-redis)",
  );
}
