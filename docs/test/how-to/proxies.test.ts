// The server of the page, told about a client by what stands for a proxy. The proxies themselves are on their own
// pages, and held to what the table of this one says by the same contract (harness/proxy-contract.ts).

import assert from "node:assert/strict";
import { it } from "node:test";
import { connect } from "hawser";
import { describePage } from "../harness/page.ts";

describePage(import.meta.url, { ports: [8080] }, (page) => {
  it("believes a proxy that it trusts", async () => {
    const server = await page.start("server.ts");
    const headers = {
      "x-forwarded-for": "6.6.6.6, 192.0.2.1, 10.0.0.7",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "app.example",
      origin: "https://app.example",
    };
    const ws = await connect(`ws://127.0.0.1:${page.port(8080)}`, { headers });
    const { value } = await ws[Symbol.asyncIterator]().next();
    assert.deepEqual(JSON.parse(String(value)), {
      ip: "192.0.2.1",
      host: "app.example",
      isSecure: true,
    });
    ws.close();
    await ws.closed;
    server.kill("SIGTERM");
  });
});
