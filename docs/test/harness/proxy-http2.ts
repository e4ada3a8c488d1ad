// Who could come to a proxy by HTTP/2, Hawser's client and pages: their WebSockets do (RFC 8441), or only their requests.

import assert from "node:assert/strict";
import { it } from "node:test";
import { startBrowser } from "./browser.ts";
import type { ProxyTraits } from "./proxy-contract.ts";
import type { Road } from "./proxy-road.ts";

/** Declares the tests of a proxy that are about HTTP/2. */
export function checkHttp2(road: Road, { hasExtendedConnect, tellVersion }: ProxyTraits): void {
  const version = hasExtendedConnect ? 2 : 1;
  const expected = hasExtendedConnect ? /^2(\.0)?$/ : /^HTTP\/1\.1$/;

  it(`RFC 8441 §3 a client that takes both versions comes by HTTP/${version}`, async () => {
    await road.proxy.start(tellVersion);
    const versions = await serveVersions(road);
    const ws = await road.connect({ http: "auto" }, "wss");
    ws.close();
    await ws.closed;
    assert.match(versions.join(), expected);
    if (hasExtendedConnect) return;
    await assert.rejects(road.connect({ http: 2 }, "wss"), { code: "HAWSER_HTTP2_UNAVAILABLE" });
  });

  it(`a page that came by HTTP/2 opens its WebSockets by HTTP/${version}`, async () => {
    await road.proxy.start(tellVersion);
    const versions = await serveVersions(road);
    const browser = await startBrowser();
    try {
      const tab = await browser.newPage({ ignoreHTTPSErrors: true });
      await tab.goto(road.url("https"));
      const code = `[performance.getEntriesByType("navigation")[0].nextHopProtocol, await new Promise((resolve) => {
        const ws = new WebSocket(location.origin.replace("http", "ws"));
        ws.onopen = () => ws.send("from a page");
        ws.onmessage = ({ data }) => resolve(data);
        ws.onerror = () => resolve("failed");
      })]`;
      assert.deepEqual(await tab.evaluate(`(async () => ${code})()`), ["h2", "from a page"]);
      assert.match(versions.join(), expected);
    } finally {
      await browser.close();
    }
  });
}

/** Starts a server for pages and WebSockets; returns by which version each of these came, as the proxy tells it. */
async function serveVersions(road: Road): Promise<readonly unknown[]> {
  const versions: unknown[] = [];
  await road.serve({
    upgrade({ headers }) {
      versions.push(headers["x-client-http"]);
      return {};
    },
    message: (ws, message) => void ws.send(message),
    fetch: () => new Response("<!doctype html>", { headers: { "content-type": "text/html" } }),
  });
  return versions;
}
