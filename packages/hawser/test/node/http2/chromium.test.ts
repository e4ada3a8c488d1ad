// Headless Chromium: a page that came over HTTP/2 opens its WebSockets as streams of the same TCP connection, without
// a word about it. The server's own `request.httpVersion` tells.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Server } from "../../../dist/index.js";
import { makeCertificate } from "../../support/certificate.ts";
import { type Browser, launchChromium, type Page } from "../../support/chromium.ts";
import { within } from "../../support/deferred.ts";
import { Stage } from "../../support/stage.ts";

const stage = new Stage();
const { log } = stage;
let server: Server;
let browser: Browser;
let page: Page;

before(async () => {
  server = await stage.serve({
    tls: makeCertificate(),
    http2: true,
    compression: true,
    protocols: ["chat"],
    upgrade({ httpVersion, incoming }) {
      log.add("upgrade", httpVersion, incoming.socket.remotePort);
      return {};
    },
    message: (ws, message) => ws.send(message),
    close: (_ws, code, reason) => log.add("close", code, reason),
    fetch: (request) => {
      log.add("page", new URL(request.url).pathname);
      return new Response("<!doctype html><title>page</title>", {
        headers: { "content-type": "text/html" },
      });
    },
  });
  browser = await launchChromium(["--ignore-certificate-errors"]);
  page = await browser.newPage();
  await page.goto(server.url.replace("wss", "https"));
});
after(async () => {
  await browser.close();
  await stage.end();
});

/** Runs in the page: opens as many WebSockets, has each echo, closes them; gives what it saw. */
function program(count: number): string {
  return `Promise.all(Array.from({ length: ${count} }, async (_, i) => {
    const ws = new WebSocket(location.href.replace("https", "wss"), ["other", "chat"]);
    ws.binaryType = "arraybuffer";
    const next = (name) => new Promise((resolve, reject) => {
      ws.addEventListener(name, resolve, { once: true });
      ws.addEventListener("error", () => reject(new Error("the WebSocket failed")), { once: true });
    });
    await next("open");
    ws.send("hello " + i);
    const text = (await next("message")).data;
    ws.send(new Uint8Array(200_000).fill(i));
    const bytes = new Uint8Array((await next("message")).data);
    ws.close(4000, "bye " + i);
    const { code, wasClean } = await next("close");
    const isWhole = bytes.length === 200_000 && bytes.every((byte) => byte === i);
    return [ws.protocol, ws.extensions.split(";")[0], text, isWhole, code, wasClean];
  }))`;
}

describe("Chromium over HTTP/2", () => {
  it("RFC 8441: the WebSockets of a page come over HTTP/2, all on one TCP connection", async () => {
    const seen = await within(page.evaluate(program(10)), "the page", 20_000);
    assert.deepEqual(
      seen,
      Array.from({ length: 10 }, (_, i) => [
        "chat",
        "permessage-deflate",
        `hello ${i}`,
        true,
        4000,
        true,
      ]),
    );
    const upgrades = log.all("upgrade");
    assert.deepEqual(
      upgrades.map(([version]) => version),
      Array.from({ length: 10 }, () => "2.0"),
    );
    assert.equal(new Set(upgrades.map(([, port]) => port)).size, 1);
    await log.waitFor("close", 10);
    const reasons = log.all("close").map(([code, reason]) => `${String(code)} ${String(reason)}`);
    assert.deepEqual(
      reasons.toSorted(),
      Array.from({ length: 10 }, (_, i) => `4000 bye ${i}`),
    );
  });

  it("a page that goes away ends its connections with 1001 or 1006", async () => {
    log.clear();
    await page.evaluate(`new Promise((resolve) => {
      globalThis.ws = new WebSocket(location.href.replace("https", "wss"));
      ws.onopen = resolve;
    })`);
    await page.goto("about:blank");
    const [code] = await log.waitFor("close");
    assert.ok(code === 1001 || code === 1006, String(code));
  });
});
