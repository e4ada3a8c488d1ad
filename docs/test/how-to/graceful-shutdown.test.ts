// SIGTERM with clients connected: everybody is told, nobody is lost, the process ends by itself.

import assert from "node:assert/strict";
import { it } from "node:test";
import { type Connection, connect, serve } from "hawser";
import { describePage } from "../harness/page.ts";

describePage(import.meta.url, { ports: [8080, 8081] }, (page) => {
  it("says goodbye behind what is queued, spread over a while, and ends", async () => {
    const server = await page.start("server.ts");
    const clients = await Promise.all([1, 2, 3, 4].map(() => connect(page.url(8080))));
    const told = clients.map((ws) => readAll(ws));
    const started = performance.now();
    server.signal("SIGTERM");
    assert.deepEqual(
      await Promise.all(told),
      clients.map(() => ["the server restarts"]),
    );
    const ends = await Promise.all(clients.map((ws) => ws.closed));
    assert.deepEqual(
      ends.map(({ code, wasClean }) => [code, wasClean]),
      clients.map(() => [1001, true]),
    );
    // Four clients over 2 s: the last is told after three quarters of that.
    assert.ok(performance.now() - started >= 1_400);
    assert.equal(await server.ended, 0);
    assert.match(server.stdout, /closed\n$/);
  });

  it("closes both, with an HTTP server of one's own", async () => {
    const server = await page.start("attached.ts");
    const ws = await connect(page.url(8081));
    ws.send("hello");
    assert.equal((await ws[Symbol.asyncIterator]().next()).value, "hello");
    server.signal("SIGTERM");
    assert.equal((await ws.closed).code, 1001);
    assert.equal(await server.ended, 0);
  });

  it("comes back when the server does, and not after 1000", async () => {
    const client = await page.start("client.ts", /^/);
    let server = await page.start("server.ts");
    await client.printed(/connected\n/);
    server.kill("SIGKILL");
    await server.ended;
    server = await page.start("server.ts");
    await client.printed(/connected\nconnected\n/);
    server.signal("SIGTERM");
    await client.printed(/the server restarts\n/);
    await server.ended;
    const last = await serve({ port: page.port(8080), open: (ws) => ws.close(1000) });
    assert.equal(await client.ended, 0);
    await last.close();
  });
});

async function readAll(ws: Connection): Promise<string[]> {
  const messages: string[] = [];
  for await (const message of ws) messages.push(String(message));
  return messages;
}
