// The same in CommonJS, where `ws` is the class with a namespace.

import WebSocket = require("ws");
import {
  createWebSocketStream,
  type RawData,
  type ServerOptions,
  WebSocket as Named,
  WebSocketServer,
} from "ws";
import http = require("node:http");
import stream = require("node:stream");

const ws = new WebSocket("ws://x", { origin: "a" });
const named: Named = ws;
const again: WebSocket = new Named("ws://x");
const nested: WebSocket.WebSocket = new WebSocket.WebSocket("ws://x", ["a"]);
const server: WebSocket.Server = new WebSocket.Server({ port: 0 });
const other: WebSocket.WebSocketServer = new WebSocket.WebSocketServer({ port: 0 });
const third: WebSocketServer = new WebSocketServer({ noServer: true } satisfies ServerOptions);
const duplex: stream.Duplex = WebSocket.createWebSocketStream(ws);
createWebSocketStream(named).pipe(duplex);
class Mine extends WebSocket {
  isAlive = true;
}
class OwnServer extends WebSocket.Server<typeof Mine> {}
new OwnServer({ WebSocket: Mine, noServer: true }).on(
  "connection",
  (one, request) => void [one.isAlive, request.url],
);
server.on("connection", (one: WebSocket, request: http.IncomingMessage) =>
  one.on("message", (data) => one.send(data)),
);
server.clients.forEach((client) => client.readyState === WebSocket.OPEN && client.send("a"));
server.handleUpgrade(undefined as never, duplex, Buffer.from(""), (client) => client.close());
ws.on("message", (data: WebSocket.RawData, isBinary) => void (isBinary || data));
ws.onclose = (event: WebSocket.CloseEvent) => void event.wasClean;
const states: [0, 1, 2, 3] = [
  WebSocket.CONNECTING,
  ws.OPEN,
  Named.CLOSING,
  WebSocket.WebSocket.CLOSED,
];
const types: {
  raw: WebSocket.RawData;
  data: WebSocket.Data;
  cert: WebSocket.CertMeta;
  client: WebSocket.ClientOptions;
  server: WebSocket.ServerOptions<typeof Mine>;
  deflate: WebSocket.PerMessageDeflateOptions;
  sync: WebSocket.VerifyClientCallbackSync<http.IncomingMessage>;
  async: WebSocket.VerifyClientCallbackAsync;
  finish: WebSocket.FinishRequestCallback;
  address: WebSocket.AddressInfo;
  event: WebSocket.Event;
  error: WebSocket.ErrorEvent;
  close: WebSocket.CloseEvent;
  message: WebSocket.MessageEvent;
  map: WebSocket.WebSocketEventMap;
  once: WebSocket.EventListenerOptions;
  named: RawData;
} = undefined as never;
