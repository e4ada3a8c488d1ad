// The same with `require`, where everything is a member of the class.

import WebSocket = require("ws");

export const client: WebSocket = new WebSocket("ws://a");
export const server: WebSocket.Server = new WebSocket.Server({ port: 0 });
export const other: WebSocket.WebSocketServer = new WebSocket.WebSocketServer({ noServer: true });
export const options: WebSocket.ServerOptions = {};
export const same: WebSocket.WebSocket = new WebSocket.WebSocket("ws://a");
server.on("connection", (socket: WebSocket, request) => [socket.protocol, request.url]);
client.on("message", (data: WebSocket.RawData) => data.toString());
WebSocket.createWebSocketStream(client).end();
