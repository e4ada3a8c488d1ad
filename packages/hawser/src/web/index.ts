// The door of the web's APIs.

export type { WebSocketCloseInfo } from "./close-arguments.ts";
export { CloseEvent, type CloseEventInit } from "./close-event.ts";
export type { WebSocketExtras } from "./options.ts";
export type { WatchedConnection } from "./watched-connection.ts";
export { WebSocket } from "./web-socket.ts";
export { WebSocketError } from "./web-socket-error.ts";
export {
  type WebSocketOpenInfo,
  WebSocketStream,
  type WebSocketStreamOptions,
} from "./web-socket-stream.ts";
export type { BinaryType, WebSocketConstructor, WebSocketEventMap } from "./web-socket-types.ts";
