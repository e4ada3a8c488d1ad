// `conform client`: the verdicts on the client of npm ws (those on Hawser's are in
// ours.test.ts), and the paths that runners
// for Autobahn know.

import assert from "node:assert/strict";
import { connect as connectTcp } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { connect } from "hawser";
import { type ClientOptions, WebSocket } from "ws";
import { TesterServer } from "../../../dist/conform/roles/client.js";
import { functionalCases, informational, performanceSample, verdictsOf } from "./verdict-counts.js";

const MiB = 2 ** 20;
const cases = [...functionalCases, ...performanceSample];

/** Opens a URL and echoes until the end; resolves with the last message. */
type Client = (url: string) => Promise<string | undefined>;

const hawser: Client = async (url) => {
  let last: string | undefined;
  const ws = await connect(url, {
    maxFragments: 65_537,
    maxQueuedBytes: 32 * MiB,
    compression: { mode: "dedicated", thresholdBytes: 0 },
    message(connection, message) {
      last = String(message);
      if (url.includes("/runCase")) connection.send(message);
    },
    error: () => undefined,
  });
  await ws.closed;
  return last;
};

const npmWs: Client = async (url) => {
  let last: string | undefined;
  // Its limits on fragments, of which the types do not know yet, are off.
  const options: ClientOptions & { maxFragments: number; maxBufferedChunks: number } = {
    perMessageDeflate: { threshold: 0 },
    maxPayload: 0,
    maxFragments: 0,
    maxBufferedChunks: 0,
  };
  const ws = new WebSocket(url, options);
  ws.on("error", () => undefined);
  ws.on("message", (data, isBinary) => {
    last = isBinary ? "" : (data as Buffer).toString();
    if (url.includes("/runCase")) ws.send(data, { binary: isBinary });
  });
  await new Promise((resolve) => ws.on("close", resolve));
  return last;
};

describe("conform client", () => {
  const server = new TesterServer({ cases, seed: "test", port: 0, host: "127.0.0.1" });
  let url = "";
  before(async () => {
    url = await server.listen();
  });
  after(() => server.close());

  /** As runners do it, but for several cases at a time. */
  async function runAll(client: Client, agent: string): Promise<void> {
    const count = Number(await client(`${url}/getCaseCount`));
    assert.equal(count, cases.length);
    const numbers = Array.from({ length: count }, (_, index) => index + 1).values();
    const work = async (): Promise<void> => {
      for (const number of numbers) await client(`${url}/runCase?case=${number}&agent=${agent}`);
    };
    await Promise.all([work(), work(), work(), work(), work(), work()]);
    await client(`${url}/updateReports?agent=${agent}`);
  }

  it("npm ws: 6.4.* are NON-STRICT, the others OK or INFORMATIONAL", async () => {
    await runAll(npmWs, "ws");
    assert.deepEqual(verdictsOf(server.results.get("ws") ?? []), {
      "NON-STRICT / OK": ["6.4.1", "6.4.2", "6.4.3", "6.4.4"],
      ...informational,
    });
  });

  it("tells a case's id and its verdict, and knows cases by id, too", async () => {
    const status = async (query: string): Promise<unknown> =>
      JSON.parse((await hawser(`${url}${query}`)) ?? "");
    assert.deepEqual(await status("/getCaseInfo?case=17"), {
      id: "2.1",
      description: "A ping without payload. A ping is answered with a pong that has its payload.",
    });
    const notRun = { behavior: "NOT RUN", behaviorClose: "NOT RUN" };
    assert.deepEqual(await status("/getCaseStatus?case=17&agent=new"), notRun);
    await hawser(`${url}/runCase?casetuple=2.1&agent=new`);
    const good = { behavior: "OK", behaviorClose: "OK" };
    assert.deepEqual(await status("/getCaseStatus?case=17&agent=new"), good);
  });

  for (const path of ["/runCase?case=0", "/runCase?case=9999", "/elsewhere"]) {
    it(`there is no ${path}`, async () => {
      await assert.rejects(connect(url + path), { status: 404 });
    });
  }

  it("§4.2.1 a request without a key is refused", async () => {
    const { port } = new URL(url);
    const socket = connectTcp(Number(port), "127.0.0.1");
    const lines = [
      "GET /getCaseCount HTTP/1.1",
      "Host: x",
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Version: 13",
    ];
    socket.end(`${lines.join("\r\n")}\r\n\r\n`);
    assert.match(await text(socket), /^HTTP\/1\.1 400 [^]*Sec-WebSocket-Key of 16 octets/);
  });
});

describe("conform client, for a browser", () => {
  it("shows its page at / and nothing else", async () => {
    const run = { cases, seed: "test", port: 0, host: "127.0.0.1", page: () => "<p>page" };
    const server = new TesterServer(run);
    const url = (await server.listen()).replace("ws:", "http:");
    assert.equal(await (await fetch(url)).text(), "<p>page");
    assert.equal((await fetch(`${url}/other`)).status, 404);
    await server.close();
  });
});
