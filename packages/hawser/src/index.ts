// `hawser`: the server, the client, the web's APIs, and the errors. The name WebSocketError is the standard's
// here; the base of our own errors is HawserError.

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
