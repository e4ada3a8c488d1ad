// A server as Hawser's README shows it.

import type { AddressInfo } from "node:net";
import { type CompressionOptions, type ListenOptions, Server } from "hawser";
import type { Service } from "../peer.ts";

/** @param compression what it agrees to when it is to deflate */
export function newServer(
  { answers, deflate }: Service,
  compression: CompressionOptions | true = true,
): Server {
  const server: Server = new Server({
    compression: deflate && compression,
    open(ws) {
      if (answers === "all") ws.subscribe("all");
    },
    message(ws, message) {
      if (answers === "all") server.publish("all", message);
      else ws.send(message);
    },
  });
  return server;
}

/** Has it listen on a free port of 127.0.0.1, which is returned. */
export async function listenWith(server: Server, options: ListenOptions = {}): Promise<number> {
  await server.listen({ hostname: "127.0.0.1", ...options });
  return (server.address() as AddressInfo).port;
}
