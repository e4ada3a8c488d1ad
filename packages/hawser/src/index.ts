// `hawser`: the server, the client and their errors.

export * from "./node/index.ts";
export {
  type AllowedOrigins,
  CloseCode,
  ConnectionClosedError,
  HandshakeError,
  InternalError,
  LimitError,
  ProtocolError,
  TransportError,
  UsageError,
  WebSocketError,
} from "./protocol/index.ts";
