// Puppeteer, as the package puppeteer-core: its transport in Node is a ws, made with redirects followed,
// compression off and a limit of 256 MiB. It connects to a Chromium that runs already.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import puppeteer from "puppeteer-core";
import { startChromium } from "./chromium.mjs";
import { close, listen, wsOf } from "./support.mjs";

wsOf("puppeteer-core");

describe("puppeteer-core", { timeout: 60_000 }, () => {
  let running;
  before(async () => {
    running = await startChromium();
  });
  after(() => running.close());

  it("drives Chromium through the ws on trial", async () => {
    const browser = await puppeteer.connect({ browserWSEndpoint: running.url });
    const page = await browser.newPage();
    await page.goto("data:text/html,<title>A page</title><h1>Hello</h1><input>");
    assert.equal(await page.title(), "A page");
    assert.equal(await page.$eval("h1", (heading) => heading.textContent), "Hello");
    await page.type("input", "typed ✓");
    assert.equal(await page.$eval("input", (input) => input.value), "typed ✓");

    const image = await page.screenshot();
    assert.deepEqual(Buffer.from(image.subarray(1, 4)), Buffer.from("PNG"));
    const large = "0123456789✓".repeat(300_000);
    assert.equal(await page.evaluate((text) => text + text, large), large + large);
    const many = Array.from({ length: 200 }, (_, n) => page.evaluate((x) => x + 1, n));
    assert.deepEqual(
      await Promise.all(many),
      Array.from({ length: 200 }, (_, n) => n + 1),
    );

    await page.close();
    const disconnected = once(browser, "disconnected");
    await browser.disconnect();
    await disconnected;
    assert.equal(browser.connected, false);
  });

  it("follows a redirect to it", async () => {
    const server = createServer().on("upgrade", (_request, socket) => {
      socket.end(`HTTP/1.1 302 Found\r\nLocation: ${running.url}\r\nContent-Length: 0\r\n\r\n`);
    });
    const url = `ws://127.0.0.1:${await listen(server)}/`;
    const browser = await puppeteer.connect({ browserWSEndpoint: url });
    assert.match(await browser.version(), /Chrome/);
    await browser.disconnect();
    await close(server);
  });

  it("rejects with what ws says when nobody is there, or refuses", async () => {
    const server = createServer((_request, response) => response.writeHead(404).end());
    const url = `ws://127.0.0.1:${await listen(server)}/`;
    for (const [browserWSEndpoint, expected] of [
      [url, /^Unexpected server response: 404$/],
      ["ws://127.0.0.1:1/", /^connect ECONNREFUSED/],
    ]) {
      // What puppeteer rejects with is the event.
      await assert.rejects(puppeteer.connect({ browserWSEndpoint }), ({ type, message, error }) => {
        assert.equal(type, "error");
        assert.match(message, expected);
        return error instanceof Error && error.message === message;
      });
    }
    await close(server);
  });

  it("learns that the browser has gone", async () => {
    const other = await startChromium();
    const browser = await puppeteer.connect({ browserWSEndpoint: other.url });
    const disconnected = once(browser, "disconnected");
    await other.close();
    await disconnected;
  });
});
