// The page's own test runs, and notices when the application is broken.

import assert from "node:assert/strict";
import { it } from "node:test";
import { describePage } from "../harness/page.ts";

describePage(import.meta.url, {}, (page) => {
  it("its test passes", async () => {
    page.use(page.file("app.test.ts"));
    const running = page.spawn(process.execPath, ["--test", "app.test.js"]);
    assert.match(await running.succeeded(), /pass 3\n/);
  });

  it("its test fails when the application does", async () => {
    page.writeFile(
      "app.ts",
      page.file("app.ts").text.replace("ws.publish", "void ws.isSubscribed"),
    );
    page.writeFile(
      "app.ts",
      page.file("app.ts").text.replace('subscribe("chat")', 'subscribe("tea")'),
    );
    page.compile();
    const running = page.spawn(process.execPath, ["--test", "--test-timeout=2000", "app.test.js"]);
    assert.notEqual(await running.ended, 0);
  });
});
