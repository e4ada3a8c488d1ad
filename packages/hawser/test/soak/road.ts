// The ways from the clients to the servers.

import type { ConnectOptions } from "../../dist/index.js";
import type { Mode, Servers } from "./order.ts";

export const roads = ["TCP", "TLS", "HTTP/2"] as const;
export type Road = (typeof roads)[number];

/** The arguments of `connect`. */
export function toServer(
  { ports, ca }: Servers,
  [mode, road]: readonly [Mode, Road],
  path: string,
): [url: string, options: ConnectOptions] {
  if (road === "TCP") return [`ws://127.0.0.1:${ports[mode].ws}${path}`, {}];
  return [
    `wss://127.0.0.1:${ports[mode].wss}${path}`,
    { tls: { ca }, http: road === "HTTP/2" ? 2 : 1 },
  ];
}
