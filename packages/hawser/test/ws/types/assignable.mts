// What Hawser's face is where a library asks for `ws`, and where the other way round is true as well.

import type * as hawser from "hawser/ws";
import type * as ws from "ws";

declare function make<T>(): T;

// ---- Ours where theirs are asked for: everything

export const module: typeof ws = make<typeof hawser>();
export const socket: ws.WebSocket = make<hawser.WebSocket>();
export const socketClass: typeof ws.WebSocket = make<typeof hawser.WebSocket>();
export const server: ws.WebSocketServer = make<hawser.WebSocketServer>();
export const serverClass: typeof ws.WebSocketServer = make<typeof hawser.WebSocketServer>();
export const stream: typeof ws.createWebSocketStream = make<typeof hawser.createWebSocketStream>();
export const options: {
  client: ws.ClientOptions;
  server: ws.ServerOptions;
  deflate: ws.PerMessageDeflateOptions;
  sync: ws.VerifyClientCallbackSync;
  async: ws.VerifyClientCallbackAsync;
  finish: ws.FinishRequestCallback;
  cert: ws.CertMeta;
} = make<{
  client: hawser.ClientOptions;
  server: hawser.ServerOptions;
  deflate: hawser.PerMessageDeflateOptions;
  sync: hawser.VerifyClientCallbackSync;
  async: hawser.VerifyClientCallbackAsync;
  finish: hawser.FinishRequestCallback;
  cert: hawser.CertMeta;
}>();
export const data: [ws.RawData, ws.Data, ws.AddressInfo] =
  make<[hawser.RawData, hawser.Data, hawser.AddressInfo]>();
export const events: ws.default.WebSocketEventMap = make<hawser.WebSocketEventMap>();

// ---- Theirs where ours are asked for: sockets, their events and options

export const theirSocket: hawser.WebSocket = make<ws.WebSocket>();
export const theirEvents: hawser.WebSocketEventMap = make<ws.default.WebSocketEventMap>();
export const theirOptions: {
  client: hawser.ClientOptions;
  deflate: hawser.PerMessageDeflateOptions;
  sync: hawser.VerifyClientCallbackSync;
  async: hawser.VerifyClientCallbackAsync;
  finish: hawser.FinishRequestCallback;
} = make<{
  client: ws.ClientOptions;
  deflate: ws.PerMessageDeflateOptions;
  sync: ws.VerifyClientCallbackSync;
  async: ws.VerifyClientCallbackAsync;
  finish: ws.FinishRequestCallback;
}>();

// @ts-expect-error: they don't know what else hangs on the class, such as Receiver
export const theirClass: typeof hawser.WebSocket = make<typeof ws.WebSocket>();
// @ts-expect-error: whose options name that class
export const theirServer: hawser.WebSocketServer = make<ws.WebSocketServer>();

// ---- Libraries

declare function takesClass(options: { WebSocket: typeof ws.WebSocket }): void;
declare function takesServer(
  handler: (server: ws.WebSocketServer, first: ws.WebSocket) => void,
): void;
declare function givesSocket(handler: (socket: ws.WebSocket) => void): void;
takesClass({ WebSocket: make<typeof hawser.WebSocket>() });
takesServer((theirs) => theirs.close());
givesSocket((one: hawser.WebSocket) => one.send("a"));
make<ws.WebSocketServer>().emit("connection", make<hawser.WebSocket>());
new (make<typeof hawser.WebSocketServer>())({
  WebSocket: make<typeof ws.WebSocket>(),
  noServer: true,
});
