// A TypeScript program that imports ws, and the declarations of what depends on it: it has to compile with
// the types of hawser/ws as it does with @types/ws. `types.test.mjs` compiles it.

import "@fastify/websocket";
import "@trpc/server/adapters/ws";
import "engine.io";
import "graphql-ws/use/ws";
import "isomorphic-ws";
import "mqtt";
import "puppeteer-core";
import "socket.io";
import "webpack-dev-server";
import type { IncomingMessage } from "node:http";
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
  type MessageEvent,
  type PerMessageDeflateOptions,
  type RawData,
  type ServerOptions,
  type VerifyClientCallbackAsync,
  type VerifyClientCallbackSync,
  WebSocketServer,
} from "ws";

const deflate: PerMessageDeflateOptions = { threshold: 1024, zlibDeflateOptions: { level: 3 } };
const clientOptions: ClientOptions = {
  origin: "a",
  headers: { a: "b" },
  perMessageDeflate: deflate,
};
const verify: VerifyClientCallbackAsync = ({ origin, secure, req }, decide) =>
  decide(secure && origin === req.headers.origin, 401, "no");
const verifyNow: VerifyClientCallbackSync = ({ origin }) => origin !== "";
const serverOptions: ServerOptions = { port: 0, verifyClient: verify };

class Mine extends WebSocket {
  readonly mine: string = "mine";
}
export const plain: WebSocketServer = new WebSocketServer(serverOptions, () => {});
export const server = new WebSocketServer<typeof Mine>({ noServer: true, WebSocket: Mine });
server.on("connection", (socket, request) => {
  socket.mine.trim();
  request.url?.trim();
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.once("close", (code, reason) => [code.toFixed(), reason.toString("utf8")]);
  socket.on("ping", (payload) => socket.pong(payload));
  socket.on("error", (error) => error.message);
});
server.on("headers", (headers, request) => headers.push(`x: ${request.url}`));
server.on("wsClientError", (error, socket, request) => socket.end([error.message, request.url]));
server.handleUpgrade(
  null as unknown as IncomingMessage,
  createWebSocketStream(new WebSocket(null)),
  Buffer.alloc(0),
  (socket, request) => server.emit("connection", socket, request),
);
for (const socket of server.clients) {
  if (socket.readyState === WebSocket.OPEN) socket.send(socket.mine);
}
const address: AddressInfo | string | null = server.address();
server.close((error) => error?.message);

export const client: WebSocket = new WebSocket(new URL("ws://a"), ["b"], clientOptions);
client.on("open", function opened() {
  this.send("x");
});
client.on("upgrade", (response) => response.headers);
client.on("unexpected-response", (request, response) => [request.destroy(), response.statusCode]);
client.onopen = (event: Event) => event.type;
client.onmessage = (event: MessageEvent) => event.data;
client.onclose = ({ code, reason, wasClean }: CloseEvent) => [code.toFixed(), reason, wasClean];
client.onerror = ({ error, message }: ErrorEvent) => [error, message];
const once: EventListenerOptions = { once: true };
client.addEventListener("message", ({ data, target }) => [data, target.url], once);
client.addEventListener("close", ({ code }) => code.toFixed());
client.removeEventListener("error", () => {});
client.send(new Uint8Array(1), (error) => error?.message);
client.send("x", { compress: true, fin: false, mask: true });
client.ping("x", true, (error) => error.message);
client.close(1000, Buffer.from("x"));
client.binaryType = "arraybuffer";
client.terminate();
const state: 0 | 1 | 2 | 3 = client.readyState;
const raw: WebSocket.RawData = [Buffer.alloc(0)];
const options: WebSocket.ClientOptions & WebSocket.ServerOptions = {};
const event: WebSocket.MessageEvent | WebSocket.CloseEvent | WebSocket.ErrorEvent | undefined =
  undefined;
const data: Data = raw satisfies RawData;
createWebSocketStream(client, { encoding: "utf8" }).pipe(process.stdout);
export const all: unknown = [verifyNow, address, state, options, event, data, {} as CertMeta];
