// The page in a real browser, the rest with fetch and curl.

import assert from "node:assert/strict";
import { it } from "node:test";
import { startBrowser } from "../harness/browser.ts";
import { describePage } from "../harness/page.ts";

describePage(import.meta.url, { ports: [8080] }, (page) => {
  const web = (path: string): string => page.url(8080).replace("ws:", "http:") + path;

  it("answers plain requests", async () => {
    await page.start("server.ts");
    const health = (await (await fetch(web("/health"))).json()) as Record<string, unknown>;
    assert.equal(health["connections"], 0);
    assert.match(String(health["ip"]), /127\.0\.0\.1|::1/);
    assert.equal((await fetch(web("/nothing"))).status, 404);
  });

  it("shows a page that connects to the server that it came from", async () => {
    const browser = await startBrowser();
    try {
      const tab = await browser.newPage();
      const connected = tab.waitForEvent("websocket");
      await tab.goto(web("/"));
      page.use(page.file("public/index.html"));
      await connected;
      while (((await (await fetch(web("/health"))).json()) as { opened: number }).opened === 0);
      await page.shell("curl");
      await tab.locator("li", { hasText: "hello page" }).waitFor();
    } finally {
      await browser.close();
    }
  });
});
