// What the face refuses.

import * as face from "hawser/ws";
import WebSocket, { createWebSocketStream, WebSocketServer } from "hawser/ws";

// @ts-expect-error: an address is needed
new WebSocket();
// @ts-expect-error: a number is no address
new WebSocket(8080);
// @ts-expect-error: a list of subprotocols
new WebSocket("ws://x", [1]);
// @ts-expect-error: no such option
new WebSocket("ws://x", { perMessageInflate: true });
// @ts-expect-error: a number
new WebSocket("ws://x", { handshakeTimeout: "1s" });
const ws = new WebSocket("ws://x");
// @ts-expect-error: readonly
ws.readyState = WebSocket.OPEN;
// @ts-expect-error: readonly, also on the class
WebSocket.OPEN = 1;
// @ts-expect-error: no such form
ws.binaryType = "text";
ws.binaryType = "blob";
// @ts-expect-error: nothing to send
ws.send();
// @ts-expect-error: no such thing can be sent
ws.send(undefined);
// @ts-expect-error: no such option
ws.send("a", { text: true });
// @ts-expect-error: a code is a number
ws.close("1000");
// @ts-expect-error: the emitter has it, not the EventTarget
ws.addEventListener("ping", () => undefined);
// @ts-expect-error: the event of "close" has no data
ws.addEventListener("close", (event) => event.data);
// @ts-expect-error: a function, or null
ws.onmessage = "listener";
ws.on("message", (data) => {
  // @ts-expect-error: a message is never a string here
  data satisfies string;
});
// @ts-expect-error: private
ws.setSocket;
// @ts-expect-error: a port is a number
new WebSocketServer({ port: "8080" });
const server = new WebSocketServer({ port: 0 });
// @ts-expect-error: the socket comes first
server.on("connection", (request) => request.headers);
// @ts-expect-error: no class of sockets
new WebSocketServer({ port: 0, WebSocket: Date });
// @ts-expect-error: a function
server.close(1000);
// @ts-expect-error: no socket
createWebSocketStream(server);
// @ts-expect-error: in a module, the name is WebSocketServer
void face.Server;
