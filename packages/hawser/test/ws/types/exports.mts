// Every export of hawser/ws has the type that it should have.

import type { ClientRequest, IncomingMessage } from "node:http";
import type { Duplex, DuplexOptions } from "node:stream";
import type * as face from "hawser/ws";
import WebSocketByDefault, {
  createWebSocketStream,
  extension,
  PerMessageDeflate,
  Receiver,
  Sender,
  subprotocol,
  WebSocket,
  WebSocketServer,
} from "hawser/ws";

/** Whether two types are the same, for whoever asks. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

const isTrue = <T extends true>(): T => true as T;

// ---- Values

isTrue<Same<typeof WebSocketByDefault, typeof WebSocket>>();
isTrue<Same<InstanceType<typeof WebSocket>, face.WebSocket>>();
isTrue<Same<typeof WebSocket.WebSocket, typeof WebSocket>>();
isTrue<Same<typeof WebSocket.Server, typeof WebSocketServer>>();
isTrue<Same<typeof WebSocket.WebSocketServer, typeof WebSocketServer>>();
isTrue<Same<typeof WebSocket.Receiver, typeof Receiver>>();
isTrue<Same<typeof WebSocket.Sender, typeof Sender>>();
isTrue<Same<typeof WebSocket.PerMessageDeflate, typeof PerMessageDeflate>>();
isTrue<Same<typeof WebSocket.extension, typeof extension>>();
isTrue<Same<typeof WebSocket.subprotocol, typeof subprotocol>>();
isTrue<Same<typeof WebSocket.OPEN, 1>>();
isTrue<Same<WebSocketByDefault["readyState"], 0 | 1 | 2 | 3>>();
isTrue<Same<ReturnType<typeof createWebSocketStream>, Duplex>>();
createWebSocketStream satisfies (ws: WebSocket, options?: DuplexOptions) => Duplex;
extension.parse("permessage-deflate") satisfies object;
subprotocol.parse("a, b") satisfies Set<string>;
new PerMessageDeflate({ isServer: true }).params satisfies object | null;
new Receiver() satisfies NodeJS.WritableStream;
Sender.frame(Buffer.from("a"), { fin: true, opcode: 1, mask: false, readOnly: true, rsv1: false });

// ---- Types

isTrue<Same<face.RawData, Buffer | ArrayBuffer | Buffer[]>>();
isTrue<Same<face.Data, string | face.RawData>>();
isTrue<Same<face.CertMeta, string | string[] | Buffer | Buffer[]>>();
isTrue<Same<face.BinaryType, "nodebuffer" | "arraybuffer" | "fragments" | "blob">>();
isTrue<Same<Extract<face.BufferLike, string | number>, string | number>>();
isTrue<Same<face.Event["target"], WebSocket>>();
isTrue<Same<face.MessageEvent["data"], face.Data>>();
isTrue<Same<face.CloseEvent["code"], number>>();
isTrue<Same<face.ErrorEvent["message"], string>>();
isTrue<Same<face.WebSocketEventMap["message"], face.MessageEvent>>();
isTrue<Same<face.EventListenerOptions["once"], boolean | undefined>>();
isTrue<Same<face.AddressInfo["port"], number>>();
isTrue<Same<face.Server, WebSocketServer>>();
isTrue<Same<face.WebSocketServer["clients"], Set<WebSocket>>>();
isTrue<Same<Parameters<face.FinishRequestCallback>, [request: ClientRequest, socket: WebSocket]>>();
isTrue<Same<Parameters<face.VerifyClientCallbackSync>[0]["req"], IncomingMessage>>();
isTrue<Same<ReturnType<face.VerifyClientCallbackAsync>, void>>();
isTrue<Same<face.PerMessageDeflateOptions["threshold"], number | undefined>>();
isTrue<Same<face.ClientOptions["handshakeTimeout"], number | undefined>>();
isTrue<Same<face.ClientOptions["closeTimeout"], number | undefined>>();
isTrue<Same<face.ServerOptions["maxPendingAutoPongs"], number | undefined>>();
new WebSocketServer() satisfies InstanceType<face.WebSocketServerConstructor>;
