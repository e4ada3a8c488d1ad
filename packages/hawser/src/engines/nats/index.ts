// `hawser/nats`: topics that reach other processes through NATS, over the connection that a program has already.

import type { Broker } from "../broker.ts";
import { EngineBroker } from "../engine-broker.ts";
import type { BrokerOptions } from "../options.ts";
import type { NatsConnection } from "./connection.ts";
import { NatsDriver } from "./nats-driver.ts";

export type { Broker, BrokerHealth, BrokerLimits, BrokerListener, BrokerState } from "../broker.ts";
export { BrokerError, type BrokerErrorCode } from "../broker-error.ts";
export type { BrokerOptions } from "../options.ts";
export type {
  NatsConnection,
  NatsMessage,
  NatsStatus,
  NatsSubscription,
} from "./connection.ts";

/**
 * A broker over a connection of `@nats-io/transport-node`, which it leaves open when it closes.
 *
 * @throws UsageError HAWSER_OPTION_INVALID
 */
export function natsBroker(connection: NatsConnection, options: BrokerOptions = {}): Broker {
  return new EngineBroker(new NatsDriver(connection), options);
}
