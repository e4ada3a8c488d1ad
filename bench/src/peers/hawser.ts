// Hawser as its README shows it.

import type { AddressInfo } from "node:net";
import { serve } from "hawser";

export async function listen(): Promise<number> {
  const server = await serve({
    hostname: "127.0.0.1",
    message(ws, message) {
      ws.send(message);
    },
  });
  return (server.address() as AddressInfo).port;
}
