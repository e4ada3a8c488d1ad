// A server with the API of ws, as its README shows it: for ws itself and for what stands in for it.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { WebSocketServer } from "ws";
import type { Service } from "../peer.ts";

/** Where a socket may be sent to. */
const open = 1;

/** permessage-deflate is off by default, as it is in Hawser. */
export async function listenWith(
  ServerClass: typeof WebSocketServer,
  { answers, deflate }: Service,
): Promise<number> {
  const server = new ServerClass({ host: "127.0.0.1", port: 0, perMessageDeflate: deflate });
  server.on("connection", (ws) => {
    ws.on("message", (message, isBinary) => {
      if (answers === "sender") return ws.send(message, { binary: isBinary });
      for (const client of server.clients) {
        if (client.readyState === open) client.send(message, { binary: isBinary });
      }
    });
  });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
