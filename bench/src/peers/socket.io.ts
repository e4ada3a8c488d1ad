// Socket.IO as its documentation shows it, with its WebSocket transport only.

import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { eventName } from "../conversation/socket.io.ts";
import type { Service } from "../peer.ts";

export async function listen({ answers }: Service): Promise<number> {
  const server = createServer();
  const io = new Server(server, { transports: ["websocket"] });
  io.on("connection", (socket) => {
    socket.on(eventName, (message: string) => {
      if (answers === "all") io.emit(eventName, message);
      else socket.emit(eventName, message);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
