// ws as its README shows it; permessage-deflate is off by default, as it is in Hawser.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import type { Service } from "../peers.ts";

export async function listen({ answers, deflate }: Service): Promise<number> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: deflate });
  server.on("connection", (ws) => {
    ws.on("message", (message, isBinary) => {
      if (answers === "sender") return ws.send(message, { binary: isBinary });
      for (const client of server.clients) {
        if (client.readyState === WebSocket.OPEN) client.send(message, { binary: isBinary });
      }
    });
  });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
