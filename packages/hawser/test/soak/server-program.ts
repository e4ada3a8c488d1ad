// The process of the servers, two for each way to compress, one of them with TLS: they echo, publish and
// flood, by the path that a client asks for. What peers do wrong is expected; any other error is a fault.

import {
  type CompressionOptions,
  type Connection,
  ConnectionClosedError,
  LimitError,
  type ListenOptions,
  ProtocolError,
  type Sendable,
  serve,
  type Server,
  type ServerOptions,
  TransportError,
} from "../../dist/index.js";
import { makeCertificate } from "../support/certificate.ts";
import { eventually, openDescriptors } from "../support/memory.ts";
import { contentOf } from "./content.ts";
import { type Mode, modes, obey, type Ports, type Servers } from "./order.ts";
import { readUsage, type Usage } from "./usage.ts";

const compression: Readonly<Record<Mode, false | CompressionOptions>> = {
  plain: false,
  shared: { mode: "shared" },
  dedicated: { mode: "dedicated", thresholdBytes: 64 },
};

/** Sent to an echo, it closes. */
const leaveWord = "leave";
const mostQueuedBytes = 16 * 1024 * 1024;
/** How long a round may take to come to rest. */
const restMs = 10_000;

const faults: string[] = [];
const servers: Server<string>[] = [];

function isExpected(error: unknown): boolean {
  return [ProtocolError, LimitError, TransportError, ConnectionClosedError].some(
    (expected) => error instanceof expected,
  );
}

async function echo(ws: Connection<string>, message: Sendable): Promise<void> {
  if (message === leaveWord) ws.close(4000, "as you wish");
  // Nothing more is read from a client that doesn't read either.
  else if (!ws.send(message)) await ws.drained().catch(() => undefined);
}

/** Fills the queue of a client until it overflows: the connection closes with 1013. */
function flood(ws: Connection<string>): void {
  for (let start = 0, sent = 0; ws.state === "open" && sent < 2 * mostQueuedBytes; start++) {
    const content = contentOf({ kind: start % 2 === 0 ? "noise" : "json", start, length: 200_000 });
    ws.send(content);
    sent += content.length;
  }
}

const certificate = makeCertificate();

async function listen(mode: Mode, more: ListenOptions & ServerOptions<string>): Promise<number> {
  const server = await serve<string>({
    ...more,
    hostname: "127.0.0.1",
    compression: compression[mode],
    // Who reads is not to be closed for being slow, also when other things keep the machine busy.
    maxQueuedBytes: mostQueuedBytes,
    upgrade: ({ url }) => ({ data: url }),
    open(ws) {
      if (ws.data === "/topic") ws.subscribe("news");
      if (ws.data === "/flood") flood(ws);
    },
    message(ws, message) {
      if (ws.data === "/echo") return echo(ws, message);
      if (ws.data === "/topic") server.publish("news", message);
      return undefined;
    },
    error(error) {
      if (!isExpected(error)) faults.push(`the server's error hook got ${String(error)}`);
    },
  });
  servers.push(server);
  return Number(new URL(server.url).port);
}

function connections(): number {
  return servers.reduce((sum, server) => sum + server.stats().connections, 0);
}

/** For faults; those that stay are in here, too, and are the first of each server. */
function describeConnections(): string {
  return servers
    .flatMap((server) => [...server.connections])
    .map(({ data, state, bufferedBytes, stats, extensions }) =>
      JSON.stringify({ data, state, bufferedBytes, ...stats, extensions }),
    )
    .join("\n");
}

/** What there is at rest. */
let base: { connections: number; descriptors: number } | undefined;

/** Waits until only the connections are left that stay for the whole run. */
async function rest(): Promise<void> {
  base ??= { connections: connections(), descriptors: openDescriptors() };
  const { connections: staying, descriptors } = base;
  const complain = (what: string, now: number, most: number): string | undefined =>
    now > most ? `${now} ${what}, not ${most}` : undefined;
  await eventually(() => {
    const said = complain("connections", connections(), staying);
    return said && `${said}: ${describeConnections()}`;
  }, restMs);
  const settled = (): string | undefined => complain("descriptors", openDescriptors(), descriptors);
  // Those that do not come back are for the verdict to tell.
  await eventually(settled, restMs).catch(() => undefined);
}

obey({
  async listen(): Promise<Servers> {
    const ports = {} as Record<Mode, Ports>;
    for (const mode of modes) {
      const wss = await listen(mode, { tls: certificate, http2: true });
      // Here come those that never answer, and a round waits for them.
      ports[mode] = { ws: await listen(mode, { closeTimeoutMs: 500 }), wss };
    }
    return { ports, ca: certificate.cert };
  },
  async sample(): Promise<Usage> {
    if (faults.length > 0) throw new Error(faults.slice(0, 5).join("\n"));
    await rest();
    return readUsage();
  },
});
