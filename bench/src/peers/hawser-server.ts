// A server as Hawser's README shows it.

import type { AddressInfo } from "node:net";
import { type CompressionOptions, serve } from "hawser";
import type { Service } from "../peer.ts";

/** @param compression what it agrees to when it is to deflate */
export async function listenWith(
  compression: CompressionOptions | true,
  { answers, deflate }: Service,
): Promise<number> {
  const server = await serve({
    hostname: "127.0.0.1",
    compression: deflate && compression,
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
