/// <reference types="node" preserve="true" />
// `hawser/ws`: what npm `ws` 8 exports, on Hawser's engine, with the types of `@types/ws` by their names.

import { WebSocket } from "./face/web-socket.ts";

export type { CertMeta, ClientOptions, FinishRequestCallback } from "./client-options.ts";
export type { BinaryType, BufferLike, Data, RawData } from "./data.ts";
export { extension } from "./extension.ts";
export type {
  CloseEvent,
  ErrorEvent,
  Event,
  EventListenerOptions,
  MessageEvent,
  WebSocketEventMap,
} from "./face/events.ts";
export * from "./face/web-socket.ts";
export * from "./face/web-socket-server.ts";
export { PerMessageDeflate, type PerMessageDeflateOptions } from "./permessage-deflate.ts";
export { Receiver } from "./receiver.ts";
export { Sender } from "./sender.ts";
export type {
  ServerOptions,
  VerifyClientCallbackAsync,
  VerifyClientCallbackSync,
} from "./server-options.ts";
export { createWebSocketStream } from "./stream.ts";
export { subprotocol } from "./subprotocol.ts";
export default WebSocket;
