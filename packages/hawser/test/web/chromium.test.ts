// The same expectations in Chromium, against its own classes and with the same server: this proves that they
// are right. Where Chromium is not what the standard says, the expectation gives the reason, and it is
// checked that it still is so.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Browser, launchChromium, type Page } from "../support/chromium.ts";
import type { RawServer } from "../support/raw-server.ts";
import { sections } from "./expectations/index.ts";
import { startScriptedServer } from "./scripted-server.ts";

const folder = join(import.meta.dirname, "expectations");

/** Gives the browser a page, and the compiled expectations as modules. */
function serveModules(): Promise<Server> {
  const server = createServer((request, response) => {
    const name = /^\/([\w-]+\.js)$/.exec(request.url ?? "")?.[1];
    const isModule = name !== undefined;
    response.setHeader("Content-Type", isModule ? "text/javascript" : "text/html");
    response.end(
      isModule ? readFileSync(join(folder, name)) : "<!doctype html><title>page</title>",
    );
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

let scripted: RawServer;
let modules: Server;
let browser: Browser;
before(async () => {
  scripted = await startScriptedServer();
  modules = await serveModules();
  browser = await launchChromium();
});
after(async () => {
  await browser.close();
  modules.close();
  modules.closeAllConnections();
  await scripted.close();
});

for (const { name, expectations } of sections) {
  describe(`${name}, Chromium's own`, () => {
    let page: Page;
    // A page for each section: Chromium slows down pages whose connections fail too often.
    before(async () => {
      page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(modules.address() as AddressInfo).port}/`);
    });
    after(() => page.close());

    for (const { title, deviations } of expectations) {
      const why = deviations?.Chromium;
      it(why === undefined ? title : `not so: ${title} (${why})`, async () => {
        const failure = await page.evaluate(program(name, title, scripted.url.slice(0, -1)));
        if (why === undefined) assert.equal(failure, "");
        else assert.notEqual(failure, "", "it is as the standard says: take the deviation out");
      });
    }
  });
}

/** What runs in the page: gives "" or what went wrong. */
function program(name: string, title: string, server: string): string {
  return `import("/index.js").then(async ({ sections }) => {
    const { expectations } = sections.find(({ name }) => name === ${JSON.stringify(name)});
    const { run } = expectations.find(({ title }) => title === ${JSON.stringify(title)});
    const { WebSocket, WebSocketStream, WebSocketError, CloseEvent } = globalThis;
    await run({ WebSocket, WebSocketStream, WebSocketError, CloseEvent, server: ${JSON.stringify(server)} });
    return "";
  }).catch((error) => String(error))`;
}
