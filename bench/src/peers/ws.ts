// ws as its README shows it; permessage-deflate is off by default, as it is in Hawser.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

export async function listen(): Promise<number> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  server.on("connection", (ws) => {
    ws.on("message", (message, isBinary) => ws.send(message, { binary: isBinary }));
  });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
