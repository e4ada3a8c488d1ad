// `conform server`: what a run gives besides verdicts on Hawser's server (those are in ours.test.ts), and
// the verdicts on that of npm ws.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { serve, type Server } from "hawser";
import { type ServerOptions, WebSocketServer } from "ws";
import { probe, testServer } from "../../../dist/conform/roles/server.js";
import { WireFault } from "../../../dist/conform/wire/frame-reader.js";
import { WireLog } from "../../../dist/conform/wire/wire-log.js";
import { functionalCases, informational, performanceSample, verdictsOf } from "./verdict-counts.js";

const MiB = 2 ** 20;

async function resultsOf(url: string, cases: typeof functionalCases, parallel: number) {
  return testServer({ url: new URL(url), headers: [] }, { cases, parallel, seed: "test" });
}

describe("conform server on Hawser", () => {
  let server: Server;
  before(async () => {
    server = await serve({
      port: 0,
      hostname: "127.0.0.1",
      maxMessageBytes: 16 * MiB,
      maxFragments: 65_537,
      maxQueuedBytes: 32 * MiB,
      compression: { mode: "dedicated", thresholdBytes: 0 },
      message: (ws, message) => void ws.send(message),
      error: () => undefined,
    });
  });
  after(() => server.close());

  it("a sample of 9, 12 and 13 is OK and has figures", async () => {
    const results = await resultsOf(server.url, performanceSample, 1);
    assert.deepEqual(verdictsOf(results), {});
    for (const { figures, id } of results) assert.ok(figures && figures.messages > 0, id);
    const { figures } = results.find(({ id }) => id === "12.1.3") ?? {};
    assert.equal(figures?.contentOctets, 256_000);
    assert.ok((figures?.wireOctetsIn ?? Infinity) < 200_000);
  });

  it("says the same octets for the same seed", async () => {
    const [one] = functionalCases.filter(({ id }) => id === "2.2");
    const sent = async (): Promise<unknown[]> => {
      const [result] = await resultsOf(server.url, one === undefined ? [] : [one], 1);
      return (result?.log ?? [])
        .filter(({ from }) => from === "tester")
        .map(({ octets }) => octets);
    };
    assert.deepEqual(await sent(), await sent());
  });

  it("ends early on a signal", async () => {
    const signal = AbortSignal.abort();
    const target = { url: new URL(server.url), headers: [] };
    const run = { cases: functionalCases, parallel: 2, seed: "test", signal };
    assert.deepEqual(await testServer(target, run), []);
  });
});

describe("conform server on npm ws", () => {
  let server: WebSocketServer;
  let url = "";
  before(async () => {
    // Its limits on fragments, of which the types do not know yet, are off.
    const options: ServerOptions & { maxFragments: number; maxBufferedChunks: number } = {
      port: 0,
      host: "127.0.0.1",
      perMessageDeflate: { threshold: 0 },
      maxPayload: 0,
      maxFragments: 0,
      maxBufferedChunks: 0,
    };
    server = new WebSocketServer(options);
    server.on("connection", (ws) => {
      ws.on("error", () => undefined);
      ws.on("message", (data, isBinary) => ws.send(data, { binary: isBinary }));
    });
    await once(server, "listening");
    url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  it("6.4.* are NON-STRICT, the others OK or INFORMATIONAL", async () => {
    assert.deepEqual(verdictsOf(await resultsOf(url, functionalCases, 8)), {
      "NON-STRICT / OK": ["6.4.1", "6.4.2", "6.4.3", "6.4.4"],
      ...informational,
    });
  });

  it("a sample of 9, 12 and 13 is OK", async () => {
    assert.deepEqual(verdictsOf(await resultsOf(url, performanceSample, 1)), {});
  });
});

describe("conform server over TLS", () => {
  it("trusts what it is told to, and sends credentials and headers", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hawser-conform-"));
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const files = ["-keyout", key, "-out", cert];
    execFileSync("openssl", ["req", "-x509", ...curve, ...name, ...files], { stdio: "ignore" });
    const ca = readFileSync(cert, "utf8");
    const server = await serve({
      port: 0,
      tls: { key: readFileSync(key), cert: ca },
      upgrade: ({ headers }) =>
        headers.authorization === "Basic YW5uYTrDvA==" && headers["x-token"] === "k3y"
          ? {}
          : new Response(null, { status: 401 }),
      message: (ws, message) => void ws.send(message),
    });
    const url = new URL(server.url.replace("wss://", "wss://anna:ü@"));
    const headers = [["X-Token", "k3y"]] as const;
    const cases = functionalCases.filter(({ id }) => id === "1.1.2");
    for (const tls of [{ ca }, { rejectUnauthorized: false }]) {
      const [result] = await testServer({ url, headers, tls }, { cases, parallel: 1, seed: "s" });
      assert.equal(result?.behavior, "OK");
    }
    const [result] = await testServer({ url, headers }, { cases, parallel: 1, seed: "s" });
    assert.match(result?.behaviorWhy ?? "", /can't connect.*certificate/);
    await assert.rejects(
      probe({ url: new URL(server.url), headers, tls: { ca } }, new WireLog()),
      /refuses: HTTP\/1\.1 401/,
    );
    await server.close();
    rmSync(folder, { recursive: true });
  });
});

describe("probe", () => {
  it("explains that nobody answers", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    other.close();
    await assert.rejects(
      probe({ url: new URL(`ws://127.0.0.1:${port}`), headers: [] }, new WireLog()),
      (error) => error instanceof WireFault && /can't connect.*ECONNREFUSED/.test(error.message),
    );
  });
});
