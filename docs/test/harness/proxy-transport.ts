// The roads through a proxy as transports of the contract of connections (packages/hawser/test/contract): the proxy
// stays, and one server after the other is started behind it on the same port.

import type { ConnectOptions } from "hawser";
import type { Transport } from "../../../packages/hawser/dist-test/contract/transport.js";
import type { Road } from "./proxy-road.ts";

/** What is between the client and the proxy; to the server each of them speaks HTTP/1.1 without TLS. */
export type Outside = "TCP" | "TLS" | "HTTP/2";

export function transportThrough(road: Road, proxy: string, outside: Outside): Transport {
  const scheme = outside === "TCP" ? "ws" : "wss";
  // With 2 there is no way back to HTTP/1.1.
  const options: ConnectOptions = outside === "HTTP/2" ? { http: 2 } : {};
  return {
    name: `${outside} through ${proxy}`,
    httpVersion: "1.1",
    isSecure: scheme === "wss",
    start: async (wishes, run) => {
      const server = await road.serve(wishes, run);
      return {
        server,
        connect: (more) => road.connect({ ...options, ...more }, scheme),
        end: () => server.close({ timeoutMs: 200 }),
      };
    },
  };
}
