// Hawser as its README shows it.

import type { AddressInfo } from "node:net";
import { serve } from "hawser";
import type { Service } from "../peer.ts";

export async function listen({ answers, deflate }: Service): Promise<number> {
  const server = await serve({
    hostname: "127.0.0.1",
    compression: deflate,
    open(ws) {
      if (answers === "all") ws.subscribe("all");
    },
    message(ws, message) {
      if (answers === "all") server.publish("all", message);
      else ws.send(message);
    },
  });
  return (server.address() as AddressInfo).port;
}
