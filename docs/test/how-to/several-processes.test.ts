// The page's servers, two processes of each, over engines that the test starts.

import assert from "node:assert/strict";
import { it } from "node:test";
import { type Connection, connect } from "hawser";
import { describePage, type Page } from "../harness/page.ts";

describePage(import.meta.url, { ports: [6379, 4222] }, (page) => {
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
