// The page's servers, two processes of each, over engines that the test starts.

import assert from "node:assert/strict";
import { it } from "node:test";
import { type Connection, connect } from "hawser";
import { describePage, type Page } from "../harness/page.ts";

describePage(import.meta.url, { ports: [6379, 4222, 8080, 8081, 8082] }, (page) => {
  it("installs what it names", async () => {
    await page.install("npm install hawser ioredis");
    await page.install("npm install hawser @nats-io");
  });

  it("Redis joins processes, whichever the client is", async () => {
    const port = String(page.port(6379));
    const args = ["--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", page.folder];
    const redis = page.spawn("redis-server", args);
    await redis.printed(/Ready to accept connections/);
    const first = await speaksTo(page, "redis.ts", "node-redis.ts");
    first.signal("SIGTERM");
    assert.equal(await first.ended, 0);
  });

  it("workers of a cluster share a port and topics; one that dies is replaced", async () => {
    const program = await page.start("cluster.ts", /worker[^]*worker/);
    const clients = await Promise.all([1, 2, 3, 4].map(() => connect(page.url(8080))));
    const readers = clients.map((ws) => ws[Symbol.asyncIterator]());
    const greetings = await Promise.all(readers.map(async (one) => (await one.next()).value));
    const pids = greetings.map((text) => Number(/with (\d+)/.exec(String(text))?.[1]));
    assert.equal(new Set(pids).size, 2);

    // What is sent before a worker's subscription stands is for those who are there.
    const speaker = clients[0] as Connection;
    const timer = setInterval(() => speaker.send("hello"), 10);
    for (const reader of readers) assert.equal((await reader.next()).value, "hello");
    clearInterval(timer);

    process.kill(pids[0] as number, "SIGKILL");
    assert.equal((await speaker.closed).code, 1006);
    await program.printed(/worker[^]*worker[^]*worker/);
    program.signal("SIGTERM");
    const staying = pids.findIndex((pid) => pid !== pids[0]);
    while ((await readers[staying]?.next())?.value === "hello");
    assert.equal((await clients[staying]?.closed)?.code, 1001);
    assert.equal(await program.ended, 0);
  });

  it("processes share a port with reusePort, where Node can", async () => {
    const first = await page.start("reuse-port.ts", /^/);
    if (/^(20|22\.([0-9]|1[01])|23\.0)\./.test(process.versions.node)) {
      await first.printed(/HAWSER_OPTION_INVALID/, "stderr");
      assert.equal(await first.ended, 1);
      return;
    }
    await first.printed(/ws:/);
    await page.start("reuse-port.ts", /ws:/);
    const seen = new Set<unknown>();
    while (seen.size < 2) {
      const ws = await connect(page.url(8081));
      seen.add(await next(ws));
      ws.close();
    }
  });

  it("a socket is handed to the process of its room", async () => {
    await page.start("by-room.ts", /listening/);
    const rooms = Array.from({ length: 8 }, (_, i) => `/room-${i}`);
    const places = new Set<string>();
    for (const room of rooms) {
      const [one, other] = [
        await connect(page.url(8082) + room),
        await connect(page.url(8082) + room),
      ];
      const readers = [one, other].map((ws) => ws[Symbol.asyncIterator]());
      const said = await Promise.all(readers.map(async (reader) => (await reader.next()).value));
      assert.equal(said[0], said[1]);
      places.add(String(said[0]).replace(room, ""));
      one.send(`only ${room}`);
      assert.equal((await readers[1]?.next())?.value, `only ${room}`);
      one.close();
      other.close();
      assert.equal((await one.closed).wasClean, true);
    }
    assert.equal(places.size, 2);
  });

  it("NATS joins processes", async () => {
    const nats = page.spawn("nats-server", ["-a", "127.0.0.1", "-p", String(page.port(4222))]);
    await nats.printed(/Server is ready/, "stderr");
    await speaksTo(page, "nats.ts", "nats.ts");
  });
});

/** A message to the one program reaches the other's client. Returns the one. */
async function speaksTo(
  page: Page,
  one: string,
  other: string,
): Promise<Awaited<ReturnType<Page["start"]>>> {
  const programs = await Promise.all([page.start(one, /ws:/), page.start(other, /ws:/)]);
  const [here, there] = await Promise.all(
    programs.map(({ stdout }) => connect(stdout.trim().split("\n").at(-1) as string)),
  );
  assert.ok(here !== undefined && there !== undefined);
  // Nobody says when a subscription stands: what is sent before is for those who are there.
  const heard = next(there);
  let isHeard = false;
  void heard.finally(() => {
    isHeard = true;
  });
  here.send("hello");
  for await (const echo of here) {
    if (isHeard) break;
    here.send(echo);
  }
  assert.match(String(await heard), /^hello$/);
  return programs[0];
}

async function next(ws: Connection): Promise<unknown> {
  return (await ws[Symbol.asyncIterator]().next()).value;
}
