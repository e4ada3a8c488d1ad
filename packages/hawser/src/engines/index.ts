// The door of the engines: the port, and what needs no client of anybody. `hawser/redis` and `hawser/nats` have
// doors of their own.

export type {
  Broker,
  BrokerHealth,
  BrokerLimits,
  BrokerListener,
  BrokerState,
} from "./broker.ts";
export { BrokerError, type BrokerErrorCode } from "./broker-error.ts";
export { escapeTopic } from "./channel-name.ts";
export {
  type Envelope,
  maxKeyBytes,
  parseEnvelope,
  publisherBytes,
  serializeEnvelope,
} from "./envelope.ts";
export { MemoryBroker } from "./memory.ts";
export type { BrokerOptions } from "./options.ts";
