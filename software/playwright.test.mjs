// Playwright, as the package playwright-core, which carries a copy of ws in its bundle; here that copy gives
// way to `require("ws")` (scripts/software-bundles.mjs). Its client is on ws when it connects to a browser
// over CDP, or to a server of its own; that server, which is in this process too, is on ws as well.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import { chromium } from "playwright-core";
import bundle from "playwright-core/lib/utilsBundle";
import { executablePath, startChromium } from "./chromium.mjs";
import { close, listen, wsOf } from "./support.mjs";

const WebSocket = wsOf("playwright-core");
const html = "data:text/html,<title>A page</title><h1>Hello</h1><button>0</button>";

/** Does with a browser what tests do. */
async function drive(browser) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(html);
  assert.equal(await page.title(), "A page");
  assert.equal(await page.locator("h1").textContent(), "Hello");
  assert.equal(await page.evaluate((n) => n * 2, 21), 42);

  await page.evaluate(() => {
    document.querySelector("button").onclick = ({ target }) => target.textContent++;
  });
  for (let n = 0; n < 5; n++) await page.getByRole("button").click();
  assert.equal(await page.getByRole("button").textContent(), "5");

  const image = await page.screenshot();
  assert.deepEqual(image.subarray(1, 4), Buffer.from("PNG"));

  const large = "0123456789✓".repeat(300_000);
  assert.equal(await page.evaluate((text) => text + text, large), large + large);

  await page.exposeFunction("twice", (text) => text + text);
  assert.equal(await page.evaluate(() => globalThis.twice("ab")), "abab");
  const message = page.waitForEvent("console");
  await page.evaluate(() => console.log("from the page"));
  assert.equal((await message).text(), "from the page");
  await context.close();
}

describe("Playwright", { timeout: 60_000 }, () => {
  it("has the ws on trial in the place of its bundled copy", () => {
    assert.equal(bundle.ws, WebSocket);
    assert.equal(bundle.wsServer, WebSocket.Server);
    assert.equal(bundle.wsReceiver, WebSocket.Receiver);
    assert.equal(bundle.wsSender, WebSocket.Sender);
  });

  describe("over CDP", () => {
    let running;
    before(async () => {
      running = await startChromium();
    });
    after(() => running.close());

    it("drives a Chromium that runs already", async () => {
      const browser = await chromium.connectOverCDP(running.url);
      await drive(browser);
      const disconnected = once(browser, "disconnected");
      await browser.close();
      await disconnected;
    });

    it("finds it by its HTTP address too", async () => {
      const browser = await chromium.connectOverCDP(
        new URL(running.url.replace("ws:", "http:")).origin,
      );
      assert.match(browser.version(), /^\d+\./);
      await browser.close();
    });

    it("says what a server answers that refuses", async () => {
      const server = createServer((_request, response) => {
        response.writeHead(503, "Not Now").end("come back later");
      });
      const url = `ws://127.0.0.1:${await listen(server)}/`;
      await assert.rejects(chromium.connectOverCDP(url), /503 Not Now\s+come back later/);
      await close(server);
    });

    it("says when there is no server", async () => {
      await assert.rejects(chromium.connectOverCDP("ws://127.0.0.1:1/"), /ECONNREFUSED/);
    });
  });

  describe("over a server of its own", () => {
    let server;
    before(async () => {
      server = await chromium.launchServer({
        executablePath,
        args: ["--no-sandbox"],
        host: "127.0.0.1",
      });
    });
    after(() => server.close());

    it("drives the browser of the server", async () => {
      const browser = await chromium.connect(server.wsEndpoint());
      await drive(browser);
      await browser.close();
    });

    it("compresses, and closes with a reason that a bare ws reads", async () => {
      const socket = new WebSocket(server.wsEndpoint(), { perMessageDeflate: true });
      await once(socket, "open");
      assert.equal(socket.extensions, "permessage-deflate");
      const closed = once(socket, "close");
      socket.send("no JSON");
      const [code, reason] = await closed;
      assert.deepEqual([code, String(reason)], [1007, "Malformed message"]);
    });
  });
});
