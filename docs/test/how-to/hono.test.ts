// Hono inside Hawser, and Hawser beside Hono.

import { it } from "node:test";
import { describePage } from "../harness/page.ts";
import { checkBoth, checkNotFound, checkStops } from "./frameworks.ts";

describePage(import.meta.url, { ports: [8080, 8081] }, (page) => {
  it("installs what it names", async () => {
    await page.install("npm install hono hawser");
    await page.install("npm install hono @hono/node-server hawser");
  });

  it("Hono's app is the fetch handler", async () => {
    await page.start("server.ts");
    await checkBoth(page.url(8080), "/any/path");
  });

  it("Hawser attaches to Hono's HTTP server", async () => {
    const server = await page.start("beside.ts");
    await checkBoth(page.url(8081), "/socket");
    await checkNotFound(`${page.url(8081)}/other`);
    await checkStops(server, `${page.url(8081)}/socket`);
  });
});
