// `hawser/ws`: what npm `ws` 8 exports, on Hawser's engine.

import { extension } from "./extension.ts";
import { PerMessageDeflate } from "./permessage-deflate.ts";
import { Receiver } from "./receiver.ts";
import { Sender } from "./sender.ts";
import { createWebSocketStream } from "./stream.ts";
import { subprotocol } from "./subprotocol.ts";
import { WebSocket } from "./web-socket.ts";
import { WebSocketServer } from "./web-socket-server.ts";

Object.assign(WebSocket, {
  createWebSocketStream,
  extension,
  PerMessageDeflate,
  Receiver,
  Sender,
  Server: WebSocketServer,
  subprotocol,
  WebSocket,
  WebSocketServer,
});

export { type BinaryType, type BufferLike, type RawData } from "./data.ts";
export type { ClientOptions } from "./client-options.ts";
export type { CloseEvent, ErrorEvent, Event, MessageEvent } from "./event-target.ts";
export type { PerMessageDeflateOptions } from "./permessage-deflate.ts";
export type {
  ServerOptions,
  VerifyClientCallbackAsync,
  VerifyClientCallbackSync,
} from "./server-options.ts";
export {
  createWebSocketStream,
  extension,
  PerMessageDeflate,
  Receiver,
  Sender,
  subprotocol,
  WebSocket,
  WebSocketServer,
};
export default WebSocket;
