// A program for `ws` that uses what `@types/ws` declares, as a module. It compiles unchanged with hawser/ws.

import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import { createServer, IncomingMessage as Message } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Duplex } from "node:stream";
import WebSocket, {
  type AddressInfo,
  type CertMeta,
  type ClientOptions,
  type CloseEvent,
  createWebSocketStream,
  type Data,
  type ErrorEvent,
  type Event,
  type EventListenerOptions,
  type FinishRequestCallback,
  type MessageEvent,
  type PerMessageDeflateOptions,
  type RawData,
  type Server,
  type ServerOptions,
  type VerifyClientCallbackAsync,
  type VerifyClientCallbackSync,
  WebSocket as Named,
  WebSocketServer,
} from "ws";
import * as everything from "ws";

// ---- Sockets

const plain = new WebSocket("ws://x");
new WebSocket(new URL("ws://x"), { origin: "a" });
new WebSocket("ws://x", "a");
new WebSocket("ws://x", ["a", "b"], { headers: { a: "b" }, auth: "user:password", timeout: 1 });
new WebSocket("ws://x", undefined, undefined);
const none: WebSocket = new WebSocket(null);
const same: typeof WebSocket = Named;
const finish: FinishRequestCallback = (request: ClientRequest, ws: WebSocket) =>
  void [request.end(), ws.url];
const certificate: CertMeta = Buffer.from("");
const deflate: PerMessageDeflateOptions = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  serverMaxWindowBits: 10,
  clientMaxWindowBits: 10,
  zlibDeflateOptions: {
    flush: 1,
    finishFlush: 1,
    chunkSize: 1024,
    windowBits: 15,
    level: 3,
    memLevel: 7,
    strategy: 0,
    dictionary: [Buffer.from("")],
    info: false,
  },
  zlibInflateOptions: { chunkSize: 1024 },
  threshold: 1024,
  concurrencyLimit: 10,
};
const options: ClientOptions = {
  protocol: "a",
  followRedirects: true,
  generateMask: (mask) => void mask.fill(0),
  handshakeTimeout: 1,
  maxRedirects: 1,
  perMessageDeflate: deflate,
  localAddress: "127.0.0.1",
  protocolVersion: 13,
  headers: { a: "b" },
  origin: "a",
  host: "x",
  family: 4,
  ca: "",
  cert: "",
  key: "",
  passphrase: "",
  checkServerIdentity: (servername: string, cert: CertMeta) => servername === cert,
  rejectUnauthorized: false,
  allowSynchronousEvents: true,
  autoPong: true,
  maxPayload: 1,
  maxBufferedChunks: 1,
  maxFragments: 1,
  skipUTF8Validation: false,
  finishRequest: finish,
};
options.agent = undefined as Agent | undefined;
options.headers ??= {};
options.headers["a"] = "b";
new WebSocket("ws://x", options);
new WebSocket("ws://x", [], { ...options, perMessageDeflate: false });

const binaryType: "nodebuffer" | "arraybuffer" | "fragments" = plain.binaryType;
plain.binaryType = "arraybuffer";
plain.bufferedAmount.toFixed();
plain.extensions.length;
plain.protocol.length;
plain.url.length;
const isPaused: boolean = plain.isPaused;
const state: 0 | 1 | 2 | 3 = plain.readyState;
const states: [0, 1, 2, 3] = [
  WebSocket.CONNECTING,
  WebSocket.OPEN,
  WebSocket.CLOSING,
  WebSocket.CLOSED,
];
const own: [0, 1, 2, 3] = [plain.CONNECTING, plain.OPEN, plain.CLOSING, plain.CLOSED];
if (plain.readyState === WebSocket.OPEN || plain.readyState !== plain.CLOSED) plain.pause();
switch (plain.readyState) {
  case WebSocket.CONNECTING:
  case WebSocket.OPEN:
    plain.resume();
    break;
  case WebSocket.CLOSING:
  case WebSocket.CLOSED:
    plain.terminate();
}

for (const message of [
  "a",
  1,
  Buffer.from(""),
  new Uint8Array(1),
  new ArrayBuffer(1),
  new SharedArrayBuffer(1),
  new DataView(new ArrayBuffer(1)),
  [1, 2],
  new Blob([]),
  new String("a"),
])
  plain.send(message);
plain.send("a", (error) => void error?.message);
plain.send("a", { mask: true, binary: false, compress: true, fin: false });
plain.send("a", { compress: true }, (error?: Error) => void error);
plain.ping();
plain.ping("a", true, (error) => void error.message);
plain.pong(Buffer.from(""), false, (error: Error) => void error);
plain.close();
plain.close(1000, "bye");
plain.close(1000, Buffer.from("bye"));

// ---- Events of sockets

plain.on("open", function () {
  this.send("a");
});
plain.on("message", (data, isBinary) => void (isBinary ? data : data.toString("utf8" as never)));
plain.on("message", function (data: RawData, isBinary: boolean) {
  this.send(data, { binary: isBinary });
});
plain.on("message", function message(data) {
  if (Array.isArray(data)) Buffer.concat(data);
});
plain.on("close", (code, reason) => void [code.toFixed(), reason.toString("latin1")]);
plain.on("error", console.error).on("error", (error) => void error.message);
plain.on("upgrade", (response) => void response.headers.upgrade);
plain.on("redirect", (url, request) => void [url.length, request.getHeader("a")]);
plain.on(
  "unexpected-response",
  (request, response) => void [request.destroy(), response.statusCode],
);
plain.on("ping", (data) => void data.length).on("pong", (data: Buffer) => void data);
plain.on("own", (a: number, b: string) => void [a, b]).on(Symbol("own"), () => undefined);
plain
  .once("message", (data, isBinary) => void [data, isBinary])
  .off("close", (code) => void code.toFixed());
plain.addListener("close", (code, reason) => void [code, reason.length]);
plain.removeListener("unexpected-response", (_, response) => void response.statusCode);
plain.removeAllListeners("message").emit("own", 1);
plain.addEventListener("open", (event) => void event.target.send(event.type));
plain.addEventListener("message", ({ data }) => void (typeof data === "string" && data.length), {
  once: true,
});
plain.addEventListener("close", {
  handleEvent: (event) => void [event.code, event.reason, event.wasClean],
});
plain.addEventListener("error", (event: ErrorEvent) => void [event.error.code, event.message]);
plain.removeEventListener("message", (event: MessageEvent) => void event.data);
plain.onopen = (event: Event) => void event.target;
plain.onmessage = (event) => void event.data.toString();
plain.onclose = (event: CloseEvent) => void event.code;
plain.onerror = null;
const once: EventListenerOptions = { once: true };

// ---- Servers

const server = new WebSocketServer({ port: 0, host: "127.0.0.1", backlog: 1 }, () => undefined);
const sync: VerifyClientCallbackSync = ({ origin, secure, req }) => secure && origin === req.url;
const async: VerifyClientCallbackAsync = (info, callback) => {
  callback(info.secure);
  callback(false, 401, "no", { a: ["b"] });
};
const given: ServerOptions = {
  server: createServer(),
  verifyClient: sync,
  handleProtocols: (protocols, request) => protocols.has("a") && "a",
  path: "/",
  noServer: false,
  allowSynchronousEvents: true,
  autoPong: true,
  clientTracking: true,
  perMessageDeflate: deflate,
  maxPayload: 1,
  maxBufferedChunks: 1,
  maxFragments: 1,
  skipUTF8Validation: true,
};
given.verifyClient = async;
given.port = 1;
new WebSocketServer(given);
new WebSocketServer({ server: createSecureServer({}) });
new WebSocketServer({
  noServer: true,
  verifyClient: ({ req }: { req: IncomingMessage }) => req.url === "/",
});
new WebSocketServer({ noServer: true, verifyClient: (info, next) => next(info.secure, 401) });
const typed: WebSocketServer = server;
const alias: Server = server;
const address = server.address();
if (address !== null && typeof address !== "string") address.port.toFixed();
const tcp = server.address() as AddressInfo;
server.clients.forEach((client) => client.readyState === WebSocket.OPEN && client.send("a"));
for (const client of server.clients) client.terminate();
server.options.path?.length;
server.close();
server.close((error) => void error?.message);
createServer().on("upgrade", (request, socket, head) => {
  if (server.shouldHandle(request)) {
    server.handleUpgrade(
      request,
      socket,
      head,
      (ws, from) => void server.emit("connection", ws, from),
    );
  }
});
server.on("connection", function (ws, request) {
  this.clients.delete(ws);
  ws.send(request.socket.remoteAddress ?? "");
});
server.on("connection", (ws: WebSocket, request: IncomingMessage) => void [ws.url, request.url]);
server.on("headers", (headers, request) => void [headers.push("a: b"), request.url]);
server
  .on("error", (error) => void error.message)
  .on("listening", () => undefined)
  .on("close", () => undefined);
server.on(
  "wsClientError",
  (error, socket, request) => void [error.message, socket.destroy(), request.url],
);
server.once("connection", (ws) => ws.close()).off("close", () => undefined);
server.addListener("connection", (ws, request) => void [ws.url, request.url]);
server.removeListener("headers", (headers) => void headers.length);

// ---- Classes of one's own

class Mine extends WebSocket {
  isAlive = true;
}
class Request extends Message {
  user = "";
}
const generic = new WebSocketServer<typeof Mine, typeof Request>({
  WebSocket: Mine,
  noServer: true,
});
generic.on("connection", (ws, request) => void [ws.isAlive, request.user.length]);
generic.clients.forEach((ws) => (ws.isAlive = false));
new WebSocketServer({ WebSocket: Mine, port: 0 }).on("connection", (ws) => void ws.isAlive);
class OwnServer<T extends typeof WebSocket = typeof WebSocket> extends WebSocketServer<T> {
  override shouldHandle(request: IncomingMessage): boolean {
    return request.url === "/";
  }
  override close(callback?: (error?: Error) => void): void {
    for (const client of this.clients) client.terminate();
    super.close(callback);
  }
}
const ownServer: WebSocketServer = new OwnServer({ port: 0 });
const duplex: Duplex = createWebSocketStream(plain, { encoding: "utf8", readableObjectMode: true });

// ---- By namespace

const byName: {
  raw: WebSocket.RawData;
  data: WebSocket.Data;
  cert: WebSocket.CertMeta;
  client: WebSocket.ClientOptions;
  server: WebSocket.ServerOptions<typeof Mine, typeof Request>;
  deflate: WebSocket.PerMessageDeflateOptions;
  sync: WebSocket.VerifyClientCallbackSync<Request>;
  async: WebSocket.VerifyClientCallbackAsync;
  finish: WebSocket.FinishRequestCallback;
  address: WebSocket.AddressInfo;
  event: WebSocket.Event;
  error: WebSocket.ErrorEvent;
  close: WebSocket.CloseEvent;
  message: WebSocket.MessageEvent;
  map: WebSocket.WebSocketEventMap["close"];
  once: WebSocket.EventListenerOptions;
} = undefined as never;
plain.on("message", (data: WebSocket.RawData) => void data);
plain.onmessage = (event: WebSocket.MessageEvent) => void (event.data as WebSocket.Data);
const spread: WebSocket.ClientOptions = { ...byName.client, perMessageDeflate: byName.deflate };
interface Extended extends WebSocket, Disposable {
  isAlive: boolean;
}
const extended = plain as Extended;
everything.default.OPEN satisfies 1;
new everything.WebSocketServer({ noServer: true }).clients satisfies Set<everything.WebSocket>;
