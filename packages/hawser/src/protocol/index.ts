// The door of the protocol: RFC 6455 without I/O. Everything in this folder compiles without the
// types of any platform and imports nothing from outside; see `Platform` for what it is given.

export { CloseCode, isWireCloseCode, maxCloseReasonBytes } from "./close-code.ts";
export { checkCloseArguments } from "./close-frame.ts";
export type { Message } from "./content.ts";
export { CompressionBudget } from "./deflate/compression-budget.ts";
export type {
  DeflateEngine,
  DeflateParameters,
  Deflater,
  Inflater,
} from "./deflate/engine.ts";
export { DeflateNegotiator, type DeflateSettings } from "./deflate/negotiator.ts";
export { encodeMessage, MessageEncoder } from "./encode-message.ts";
export { Endpoint } from "./endpoint.ts";
export type {
  CloseOutcome,
  EndpointEvents,
  EndpointOptions,
  MessageOptions,
} from "./endpoint-options.ts";
export {
  ConnectionClosedError,
  type ConnectPhase,
  type HandshakeDetails,
  HandshakeError,
  InternalError,
  LimitError,
  ProtocolError,
  TransportError,
  UsageError,
  HawserError,
} from "./errors.ts";
export type { Extension } from "./extension.ts";
export { limitExceeded, limits, violations } from "./fault.ts";
export {
  type Accepted,
  ClientHandshake,
  type ClientRequest,
} from "./handshake/client-handshake.ts";
export type { Agreed } from "./handshake/agreement.ts";
export {
  acceptanceFields,
  checkConnect,
  ConnectHandshake,
} from "./handshake/extended-connect.ts";
export {
  type ExtensionOffer,
  parseExtensions,
  serializeExtensions,
} from "./handshake/extension-header.ts";
export { type FieldLines, framingNames } from "./handshake/field-lines.ts";
export {
  clientByForwarded,
  clientByXForwarded,
  type ForwardedClient,
  type IsTrusted,
  type XForwarded,
} from "./handshake/forwarded.ts";
export { type Headers, headersFromRaw } from "./handshake/headers.ts";
export type { HeadLimits } from "./handshake/message-head.ts";
export {
  type AgreedExtension,
  chooseExtension,
  confirmExtension,
  type ExtensionNegotiator,
} from "./handshake/negotiation.ts";
export { type AllowedOrigins, isOriginAllowed } from "./handshake/origin.ts";
export { type RefusalCode, refusal, refusals } from "./handshake/refusal.ts";
export { responseFault, responseFaults } from "./handshake/response-fault.ts";
export {
  type Acceptance,
  acceptanceText,
  checkRequest,
  fieldsOfWhole,
  type HandshakeOffer,
  type HandshakeRequest,
  type HandshakeRules,
  isHost,
  isHttpRequest,
  readWholeRequest,
  type RequestLine,
  ServerHandshake,
  serializeAcceptance,
  serializeRefusal,
  type WholeRequest,
} from "./handshake/server-handshake.ts";
export { areSubprotocols } from "./handshake/subprotocol.ts";
export { Opcode } from "./opcode.ts";
export { BlockPool, Output, type OutputOptions } from "./output.ts";
export type { OnWritten } from "./write-marks.ts";
export type { Platform, Simd } from "./platform.ts";
export type { ReceiverOptions } from "./frame-reader.ts";
export { Receiver, type ReceiverEvent } from "./receiver.ts";
export type { Role } from "./role.ts";
export { type State, type Move, moves } from "./state.ts";
