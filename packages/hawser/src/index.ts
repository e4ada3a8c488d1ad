// `hawser`: the server, the client, the web's APIs, brokers, and the errors. The name WebSocketError is the standard's
// here; the base of our own errors is HawserError.

export {
  type Broker,
  BrokerError,
  type BrokerErrorCode,
  type BrokerHealth,
  type BrokerLimits,
  type BrokerListener,
  type BrokerOptions,
  type BrokerState,
  MemoryBroker,
} from "./engines/index.ts";
export * from "./node/index.ts";
export {
  type AllowedOrigins,
  CloseCode,
  ConnectionClosedError,
  type ConnectPhase,
  HandshakeError,
  InternalError,
  LimitError,
  ProtocolError,
  TransportError,
  UsageError,
  HawserError,
} from "./protocol/index.ts";
export * from "./web/index.ts";
