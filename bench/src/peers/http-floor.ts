// What an upgrade through node:http costs: the request is parsed by Node, and the answer is a fixed 101.
// What comes after it is thrown away. No server that shares its port with plain HTTP can do less.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { upgradeResponse } from "../conversation/handshake.ts";

export async function listen(): Promise<number> {
  const response = upgradeResponse();
  const server = createServer();
  server.on("upgrade", (_request, socket) => {
    socket.write(response);
    socket.resume();
    socket.on("error", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
