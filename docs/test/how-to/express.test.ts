// Express and Hawser on one port.

import assert from "node:assert/strict";
import { it } from "node:test";
import { connect, HandshakeError } from "hawser";
import { describePage } from "../harness/page.ts";
import type { Running } from "../harness/processes.ts";
import { checkBoth, checkNotFound, checkStops } from "./frameworks.ts";

describePage(import.meta.url, { ports: [8080, 8081, 8082] }, (page) => {
  let server: Running;

  it("installs what it names", () => page.install("npm install"));

  it("answers HTTP and WebSocket on one port", async () => {
    server = await page.start("server.ts");
    await checkBoth(page.url(8080), "/socket");
    await checkNotFound(`${page.url(8080)}/other`);
  });

  it("stops on SIGTERM", () => checkStops(server, `${page.url(8080)}/socket`));

  it("runs middleware in upgrade", async () => {
    await page.start("session.ts");
    const ws = await connect(page.url(8081), { headers: { cookie: "user=ada" } });
    assert.equal((await ws[Symbol.asyncIterator]().next()).value, "hello ada");
    ws.close();
    await assert.rejects(
      connect(page.url(8081)),
      (error) => error instanceof HandshakeError && error.status === 401,
    );
    const web = page.url(8081).replace("ws:", "http:");
    const response = await fetch(web, { headers: { cookie: "user=bob" } });
    assert.equal(await response.text(), "hello bob\n");
  });

  it("publishes from a route", async () => {
    await page.start("publish.ts");
    const ws = await connect(page.url(8082));
    const response = await fetch(`${page.url(8082).replace("ws:", "http:")}/news`, {
      method: "POST",
      headers: { "content-type": "text/plain" },
      body: "extra, extra",
    });
    assert.equal(await response.text(), "told 1\n");
    assert.equal((await ws[Symbol.asyncIterator]().next()).value, "extra, extra");
    ws.close();
  });
});
