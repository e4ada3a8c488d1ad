// TCP's options, and the phases that failures and the time-out name.

import assert from "node:assert/strict";
import { createServer, type Server as TcpServer } from "node:net";
import type { AddressInfo } from "node:net";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import {
  connect,
  type ConnectOptions,
  type ConnectPhase,
  type HandshakeError,
  type Server,
  type TransportError,
} from "../../../dist/index.js";
import { makeCertificate } from "../../support/certificate.ts";
import { deferred } from "../../support/deferred.ts";
import { eventually } from "../../support/memory.ts";
import { rejectionOf } from "../../support/rejection.ts";
import { Stage } from "../../support/stage.ts";

const stage = new Stage();
const silents: TcpServer[] = [];
afterEach(async () => {
  for (const silent of silents.splice(0)) silent.close();
  await stage.end();
});

const portOf = (server: Server | TcpServer): number => (server.address() as AddressInfo).port;

/** Accepts TCP and says nothing. */
async function silence(): Promise<number> {
  const silent = createServer();
  silents.push(silent);
  const { promise, resolve } = deferred();
  silent.listen(0, "127.0.0.1", resolve);
  await promise;
  return portOf(silent);
}

/** The timer of the TCP socket between these ports, as Linux tells it: "02" is that of keep-alive, "00" none. */
function timerOf(...ports: [from: number, to: number]): string | undefined {
  const [from, to] = ports.map((port) => {
    return `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  });
  const lines = readFileSync("/proc/net/tcp", "latin1").split("\n");
  const fields = lines.map((line) => line.trim().split(/\s+/));
  return fields.find(([, local, remote]) => local === from && remote === to)?.[5];
}

describe("the option tcp", () => {
  it("lookup finds the address, and is told how many are wanted", async () => {
    const server = await stage.serve();
    const asked: [string, boolean | undefined][] = [];
    const ws = await stage.connect(`ws://made.up.example:${portOf(server)}`, {
      tcp: {
        lookup(name, { all }, done) {
          asked.push([name, all]);
          done(null, [{ address: "127.0.0.1", family: 4 }]);
        },
      },
    });
    assert.equal(ws.remoteAddress, "127.0.0.1");
    assert.deepEqual(asked, [["made.up.example", true]]);
  });

  it("RFC 8305: of several addresses one that answers is enough", async () => {
    const server = await stage.serve();
    const addresses = [
      { address: "::1", family: 6 },
      { address: "127.0.0.1", family: 4 },
    ];
    const ws = await stage.connect(`ws://made.up.example:${portOf(server)}`, {
      tcp: { lookup: (_name, _options, done) => done(null, addresses) },
    });
    assert.equal(ws.remoteAddress, "127.0.0.1");
  });

  for (const family of [4, 6] as const) {
    it(`family ${family}`, async () => {
      const hostname = family === 4 ? "127.0.0.1" : "::1";
      const server = await stage.serve({ hostname });
      const ws = await stage.connect(`ws://made.up.example:${portOf(server)}`, {
        tcp: {
          family,
          lookup(_name, options, done) {
            assert.equal(options.family, family);
            done(null, hostname, family);
          },
        },
      });
      assert.equal(ws.remoteAddress, hostname);
    });
  }

  it("localAddress", async () => {
    const seen: unknown[] = [];
    const server = await stage.serve({ open: (_ws, request) => void seen.push(request.ip) });
    const ws = await stage.connect(server, { tcp: { localAddress: "127.0.0.9" } });
    ws.close();
    await ws.closed;
    assert.deepEqual(seen, ["127.0.0.9"]);
  });

  it("keepAlive and keepAliveInitialDelay reach the operating system", async () => {
    const ports: unknown[] = [];
    const server = await stage.serve({
      upgrade: ({ incoming }) => {
        ports.push(incoming.socket.remotePort);
        return {};
      },
    });
    await stage.connect(server, { tcp: { keepAlive: true, keepAliveInitialDelay: 5000 } });
    await stage.connect(server, { tcp: { noDelay: false } });
    const [probed, other] = ports as [number, number];
    const to = portOf(server);
    await eventually(() => {
      const timers = [timerOf(probed, to), timerOf(other, to)];
      // Hundredths of a second until the first probe.
      const left = Number.parseInt(/^02:(.*)/.exec(timers[0] ?? "")?.[1] ?? "ffff", 16);
      return left <= 500 && timers[1]?.startsWith("00") ? undefined : timers.join(", ");
    }, 2_000);
  });

  it("what Node can't work with: HAWSER_OPTION_INVALID", async () => {
    const rows: ConnectOptions[] = [
      { tcp: { localAddress: "nowhere" } },
      { tcp: { localPort: "none" as never } },
      { tcp: { lookup: "dns" as never } },
    ];
    for (const options of rows) {
      const error = await rejectionOf(connect("ws://a.example", options), "HAWSER_OPTION_INVALID");
      assert.match(error.message, /the option tcp: /);
    }
  });

  it("and tls", async () => {
    const server = await stage.serve();
    const url = server.url.replace("ws:", "wss:");
    const attempt = connect(url, { tls: { minVersion: "TLSv9" as never } });
    const error = await rejectionOf(attempt, "HAWSER_OPTION_INVALID");
    assert.match(error.message, /the option tls: /);
  });
});

describe("every failure names its phase", () => {
  const failsAt = async (
    phase: ConnectPhase,
    code: string,
    url: string,
    options: ConnectOptions = {},
  ): Promise<void> => {
    const attempt = connect(url, options);
    const error = await rejectionOf<TransportError | HandshakeError>(attempt, code);
    assert.equal(error.phase, phase);
    assert.ok(error.message.includes(phase), error.message);
  };

  it("TCP connect", async () => {
    const server = await stage.serve();
    const { url } = server;
    await server.close();
    await failsAt("TCP connect", "HAWSER_CONNECT", url);
  });

  it("TCP connect: a name that is not found", async () => {
    const tcp: ConnectOptions["tcp"] = {
      lookup: (_name, _options, done) => done(new Error("not found"), []),
    };
    await failsAt("TCP connect", "HAWSER_CONNECT", "ws://a.example", { tcp });
  });

  it("TCP connect: a name that is never found", async () => {
    const tcp: ConnectOptions["tcp"] = { lookup: () => undefined };
    const options = { tcp, handshakeTimeoutMs: 50 };
    await failsAt("TCP connect", "HAWSER_HANDSHAKE_TIMEOUT", "ws://a.example", options);
  });

  it("unix connect", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hawser-unix-"));
    const unix = join(folder, "none");
    await failsAt("unix connect", "HAWSER_CONNECT", "ws://a.example", { unix });
    rmSync(folder, { recursive: true });
  });

  it("TLS", async () => {
    const tls = makeCertificate();
    const server = await stage.serve({ tls, hostname: "localhost" });
    await failsAt("TLS", "HAWSER_CONNECT", server.url);
  });

  it("TLS: the time is up", async () => {
    const options = { handshakeTimeoutMs: 50 };
    const url = `wss://127.0.0.1:${await silence()}`;
    await failsAt("TLS", "HAWSER_HANDSHAKE_TIMEOUT", url, options);
  });

  it("proxy TLS", async () => {
    const options = { handshakeTimeoutMs: 50, proxy: `https://127.0.0.1:${await silence()}` };
    await failsAt("proxy TLS", "HAWSER_HANDSHAKE_TIMEOUT", "ws://a.example", options);
  });

  it("waiting for 101: the time is up", async () => {
    const options = { handshakeTimeoutMs: 50 };
    const url = `ws://127.0.0.1:${await silence()}`;
    await failsAt("waiting for 101", "HAWSER_HANDSHAKE_TIMEOUT", url, options);
  });

  it("waiting for 101: the end", async () => {
    const { promise, resolve } = deferred();
    const hangsUp = createServer((socket) => {
      // Read what came, or the end is a reset.
      socket.once("data", () => socket.end()).on("error", () => undefined);
    });
    silents.push(hangsUp);
    hangsUp.listen(0, "127.0.0.1", resolve);
    await promise;
    const url = `ws://127.0.0.1:${portOf(hangsUp)}`;
    await failsAt("waiting for 101", "HAWSER_RESPONSE_CUT", url);
  });

  it("a server that refuses has the phase as well", async () => {
    const server = await stage.serve({ upgrade: () => new Response("no", { status: 401 }) });
    const error = await rejectionOf<HandshakeError>(connect(server.url), "HAWSER_REFUSED");
    assert.equal(error.phase, "waiting for 101");
  });
});

describe("a URL in an error", () => {
  for (const url of [
    "ftp://user:secret@a.example/",
    "ws://user:secret@a.example/#part",
    "user:secret@a.example",
    "ws://user:secret@",
    "http://user:secret@a.example:99999",
  ]) {
    it(`${url} is without its password`, async () => {
      const error = await rejectionOf(connect(url), "HAWSER_URL_INVALID");
      assert.doesNotMatch(`${error.message} ${String(error.cause)}`, /secret/);
    });
  }
});
