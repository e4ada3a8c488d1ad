// A program that keeps something of its own on its sockets.

import WebSocket, { type WebSocket as Socket, WebSocketServer } from "ws";

declare module "ws" {
  interface WebSocket {
    isAlive: boolean;
  }
}

new WebSocket("ws://x").isAlive satisfies boolean;
new WebSocketServer({ port: 0 }).on("connection", (ws) => {
  ws.isAlive = true;
});
export const isAlive = (ws: Socket): boolean => ws.isAlive;
