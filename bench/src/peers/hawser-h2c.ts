// Hawser over HTTP/2 without TLS, on a server of node:http2.

import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import type { Service } from "../peer.ts";
import { newServer } from "./hawser-server.ts";

export async function listen(service: Service): Promise<number> {
  const http = createServer();
  newServer(service).attach(http);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return (http.address() as AddressInfo).port;
}
