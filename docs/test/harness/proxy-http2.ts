// What comes by HTTP/2 to a proxy: WebSockets too (RFC 8441), or only the pages that open them.

import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { it } from "node:test";
import { startBrowser } from "./browser.ts";
import type { ProxyTraits } from "./proxy-contract.ts";
import type { Road } from "./proxy-road.ts";

/** Declares the tests of a proxy that are about HTTP/2. */
export function checkHttp2(road: Road, { hasExtendedConnect, tellVersion }: ProxyTraits): void {
  it(`RFC 8441 §3 it ${hasExtendedConnect ? "takes" : "does not offer"} WebSockets over HTTP/2`, async () => {
    await road.proxy.start();
    await road.serve({ open: (ws) => void ws.send("hello") });
    const session = connectHttp2(road.url("https"), { ca: road.proxy.ca });
    try {
      const [settings] = (await once(session, "remoteSettings")) as [
        { enableConnectProtocol?: boolean },
      ];
      assert.equal(settings.enableConnectProtocol === true, hasExtendedConnect);
      if (hasExtendedConnect) await checkExtendedConnect(session);
    } finally {
      session.destroy();
    }
  });

  const version = hasExtendedConnect ? 2 : 1;
  it(`a page that came by HTTP/2 opens its WebSockets by HTTP/${version}`, async () => {
    const versions: unknown[] = [];
    await road.proxy.start(tellVersion);
    await road.serve({
      upgrade({ headers }) {
        versions.push(headers["x-client-http"]);
        return {};
      },
      fetch: () => new Response("<!doctype html>", { headers: { "content-type": "text/html" } }),
    });
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
      assert.match(versions.join(), hasExtendedConnect ? /^2(\.0)?$/ : /^HTTP\/1\.1$/);
    } finally {
      await browser.close();
    }
  });
}

/** One WebSocket by hand on a stream: an unmasked text comes, and our Close frame is answered. */
async function checkExtendedConnect(session: ClientHttp2Session): Promise<void> {
  const stream = session.request(
    { ":method": "CONNECT", ":protocol": "websocket", ":path": "/", "sec-websocket-version": "13" },
    { endStream: false },
  );
  const [head] = (await once(stream, "response")) as [{ ":status"?: number }];
  assert.equal(head[":status"], 200);
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => void chunks.push(chunk));
  // A Close frame, 1000, masked with zeros.
  stream.write(Buffer.from("88820000000003e8", "hex"));
  await once(stream, "end");
  const received = Buffer.concat(chunks).toString("hex");
  assert.equal(received, `8105${Buffer.from("hello").toString("hex")}880203e8`);
}
