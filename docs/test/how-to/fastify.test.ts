// Fastify and Hawser on one port.

import { it } from "node:test";
import { describePage } from "../harness/page.ts";
import type { Running } from "../harness/processes.ts";
import { checkBoth, checkNotFound, checkStops } from "./frameworks.ts";

describePage(import.meta.url, { ports: [8080] }, (page) => {
  let server: Running;

  it("installs what it names", () => page.install("npm install"));

  it("answers HTTP and WebSocket on one port, over IPv4 and IPv6", async () => {
    server = await page.start("server.ts");
    await checkBoth(page.url(8080), "/socket");
    await checkBoth(`ws://127.0.0.1:${page.port(8080)}`, "/socket");
    await checkNotFound(`${page.url(8080)}/other`);
  });

  it("stops on SIGTERM", () => checkStops(server, `${page.url(8080)}/socket`));
});
