// Opening handshakes, in every runtime, on the kinds of sockets that there are.

import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServerOptions } from "../../dist/index.js";
import { makeCertificate } from "../support/certificate.ts";
import { frame, opcodes } from "../support/frame.ts";
import { type Check, same } from "./check.ts";
import { echo, echoes, sizes, statusOf, withPair, withServer } from "./scene.ts";
import { Wire } from "./wire.ts";

export const openings: readonly Check[] = [
  {
    name: "handshake: frames in the packet of the request are kept while `upgrade` waits",
    run: () =>
      withServer(
        {
          ...echo,
          async upgrade() {
            await new Promise((resolve) => void setTimeout(resolve, 50));
            return {};
          },
        },
        async (server) => {
          const wire = new Wire(server);
          wire.shake({}, frame(opcodes.text, "early"));
          await wire.readBytes(frame(opcodes.text, "early", { masked: false }));
          wire.socket.destroy();
        },
      ),
  },
  {
    name: "handshake: refusals have their status",
    run: () =>
      withServer({ upgrade: () => new Response("sign in", { status: 401 }) }, async (server) => {
        same(await statusOf(server), 401);
        same(await statusOf(server, { headers: { origin: "https://evil.example" } }), 403);
        same(await statusOf(server, { headers: { "x-long": "x".repeat(17_000) } }), 431);
      }),
  },
  {
    name: "handshake: a client that takes too long gets 408",
    run: () =>
      withServer({ handshakeTimeoutMs: 300 }, async (server) => {
        const wire = new Wire(server);
        wire.socket.write("GET / HTTP/1.1\r\nHost: a\r\n");
        await wire.read(/^HTTP\/1.1 408 /);
        await wire.end();
      }),
  },
  {
    name: "handshake: no HTTP gets 400",
    run: () =>
      withServer({}, async (server) => {
        const wire = new Wire(server);
        wire.socket.write("\x16\x03\x01 what?\r\n\r\n");
        await wire.read(/^HTTP\/1.1 400 /);
      }),
  },
  {
    name: "the client's address, behind a trusted proxy too",
    run: async () => {
      const seen: unknown[] = [];
      const upgrade: ServerOptions["upgrade"] = ({ ip }) => {
        seen.push(ip);
        return {};
      };
      const headers = { "x-forwarded-for": "192.0.2.1" };
      await withPair({ upgrade }, async () => {}, { headers });
      await withPair({ upgrade, trustedProxies: ["127.0.0.0/8"] }, async () => {}, { headers });
      same(seen, ["127.0.0.1", "192.0.2.1"]);
    },
  },
  {
    name: "TLS: wss",
    run: async () => {
      const { cert, key } = makeCertificate();
      const client = { tls: { ca: cert, servername: "localhost" } };
      await withPair({ ...echo, tls: { cert, key } }, (ws) => echoes(ws, sizes), client);
    },
  },
  {
    name: "a unix socket",
    run: async () => {
      const unix = join(tmpdir(), `hawser-runtime-${process.pid}.sock`);
      await withServer({ ...echo, unix }, async () => {
        const wire = new Wire(unix);
        wire.shake({}, frame(opcodes.text, "by a path"));
        await wire.readBytes(frame(opcodes.text, "by a path", { masked: false }));
        wire.socket.destroy();
        await wire.end();
      });
    },
  },
];
