// The transports that are there without any other program: TCP, TLS, HTTP/2 with TLS and with prior knowledge.

import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import {
  connect,
  type ConnectOptions,
  type ListenOptions,
  Server,
  serve,
} from "../../dist/index.js";
import { makeCertificate } from "../support/certificate.ts";
import type { Transport } from "./transport.ts";

const certificate = makeCertificate();

function listening(
  facts: Pick<Transport, "name" | "httpVersion" | "isSecure">,
  listen: ListenOptions,
  options: ConnectOptions,
): Transport {
  return {
    ...facts,
    start: async (wishes, run) => {
      const server = await serve({ ...wishes, ...listen, hostname: "127.0.0.1" }, run);
      return {
        server,
        connect: (more) => connect(server.url, { ...options, ...more }),
        end: () => server.close({ timeoutMs: 200 }),
      };
    },
  };
}

const tls = { ca: certificate.cert };

export const tcpTransport: Transport = listening(
  { name: "TCP", httpVersion: "1.1", isSecure: false },
  {},
  {},
);

export const tlsTransport: Transport = listening(
  { name: "TLS", httpVersion: "1.1", isSecure: true },
  { tls: certificate },
  { tls },
);

export const http2Transport: Transport = listening(
  { name: "HTTP/2", httpVersion: "2.0", isSecure: true },
  { tls: certificate, http2: true },
  { tls, http: 2 },
);

/** HTTP/2 without TLS, on a server that Hawser is attached to. */
export const h2cTransport: Transport = {
  name: "h2c",
  httpVersion: "2.0",
  isSecure: false,
  start: async (wishes, run) => {
    const http = createServer();
    const sessions = new Set<{ destroy(): void }>();
    http.on("session", (session) => {
      sessions.add(session);
      session.once("close", () => sessions.delete(session));
    });
    const server = new Server(wishes, run);
    server.attach(http);
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
    return {
      server,
      connect: (more) => connect(url, { http: 2, ...more }),
      end: async () => {
        await server.close({ timeoutMs: 200 });
        for (const session of sessions) session.destroy();
        http.close();
      },
    };
  },
};
