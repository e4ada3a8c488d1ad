// Vite's dev server, whose bundle carries a copy of ws; here that copy gives way to `require("ws")`
// (scripts/software-bundles.mjs). It upgrades only its own subprotocol, checks who may connect in
// `shouldHandle`, and tells the pages of all clients what has changed: a page in Chromium, with the
// browser's WebSocket at the other end, keeps its state while styles and modules are replaced.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { chromium } from "playwright-core";
import { createServer } from "vite";
import { executablePath } from "./chromium.mjs";
import { wsOf } from "./support.mjs";

const WebSocket = wsOf("vite");

const files = {
  "index.html": `<!doctype html><title>first</title><h1></h1><script type="module" src="/main.js"></script>`,
  "main.js": `
    import "./style.css";
    import { text } from "./text.js";
    const heading = document.querySelector("h1");
    heading.textContent = text;
    globalThis.loads = Number(sessionStorage.loads ?? 0) + 1;
    sessionStorage.loads = globalThis.loads;
    import.meta.hot.accept("./text.js", (module) => { heading.textContent = module.text; });
    import.meta.hot.on("from:server", (data) => import.meta.hot.send("from:page", { got: data }));`,
  "text.js": `export const text = "one";`,
  "style.css": "h1 { color: rgb(1, 2, 3); }",
};

describe("Vite", { timeout: 60_000 }, () => {
  let browser;
  let folder;
  let vite;
  let page;

  before(async () => {
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  });
  after(() => browser.close());

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "hawser-vite-"));
    for (const name of Object.keys(files)) write(name, files[name]);
    page = await browser.newPage();
  });
  afterEach(async () => {
    await page.close();
    await vite.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function write(name, text) {
    writeFileSync(join(folder, name), text);
  }

  async function start(server = {}) {
    vite = await createServer({
      root: folder,
      configFile: false,
      logLevel: "silent",
      optimizeDeps: { noDiscovery: true },
      server: { port: 0, host: "127.0.0.1", ...server },
    });
    await vite.listen();
  }

  /** Opens the page and waits until Vite's client in it is connected; returns the server's end. */
  async function open() {
    const connection = new Promise((resolve) => vite.ws.on("connection", resolve));
    await page.goto(vite.resolvedUrls.local[0]);
    await page.waitForFunction(() => globalThis.loads);
    return connection;
  }

  const heading = (text) => page.getByRole("heading", { name: text, exact: true }).waitFor();
  const loads = () => page.evaluate(() => globalThis.loads);

  it("replaces a module and a style in the page that runs, on the ws on trial", async () => {
    await start();
    const socket = await open();
    assert.ok(socket instanceof WebSocket);
    assert.equal(socket.protocol, "vite-hmr");
    await heading("one");

    write("text.js", `export const text = "two";`);
    await heading("two");
    write("style.css", "h1 { color: rgb(4, 5, 6); }");
    await page.waitForFunction(
      () => getComputedStyle(document.querySelector("h1")).color === "rgb(4, 5, 6)",
    );
    assert.equal(await loads(), 1);
  });

  it("reloads the page when what changed can't be replaced", async () => {
    await start();
    await open();
    write("index.html", files["index.html"].replace("first", "second"));
    await page.waitForFunction(() => document.title === "second" && globalThis.loads === 2);
  });

  it("shows an error of the source over the page, and takes it away", async () => {
    await start();
    await open();
    write("text.js", `import "./none.js";`);
    await page.locator("vite-error-overlay").waitFor({ state: "attached" });
    write("text.js", `export const text = "mended";`);
    await heading("mended");
    await page.locator("vite-error-overlay").waitFor({ state: "detached" });
  });

  it("passes custom events both ways, to every page", async () => {
    await start();
    await open();
    const other = await browser.newPage();
    await other.goto(vite.resolvedUrls.local[0]);
    await other.waitForFunction(() => globalThis.loads);
    assert.equal(vite.ws.clients.size, 2);
    const both = new Promise((resolve) => {
      const got = [];
      vite.ws.on("from:page", (data) => got.push(data) === 2 && resolve(got));
    });
    vite.ws.send("from:server", { large: "✓".repeat(100_000) });

    const expected = { got: { large: "✓".repeat(100_000) } };
    assert.deepEqual(await both, [expected, expected]);
    await other.close();
  });

  it("listens for WebSockets on a server or port of their own when it is told so", async () => {
    await start({ ws: { port: await freePort(), host: "127.0.0.1" } });
    const socket = await open();
    assert.ok(socket instanceof WebSocket);
    write("text.js", `export const text = "over another port";`);
    await heading("over another port");
  });

  it("refuses foreign pages, and answers the client's ping", async () => {
    await start();
    const url = vite.resolvedUrls.local[0].replace("http:", "ws:");
    const foreign = new WebSocket(url, "vite-hmr", { origin: "http://elsewhere.example" });
    const [error] = await once(foreign, "error");
    assert.equal(error.message, "Unexpected server response: 400");

    const ping = new WebSocket(url, "vite-ping");
    assert.equal((await once(ping, "close"))[0], 1000);
    await open(); // So that there is a page to close.
  });

  it("finds its page again after a restart", async () => {
    await start();
    await open();
    await vite.restart();
    await page.waitForFunction(() => globalThis.loads === 2);
    write("text.js", `export const text = "after the restart";`);
    await heading("after the restart");
  });
});

/** A port that was free a moment ago. */
async function freePort() {
  const server = new WebSocket.Server({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
