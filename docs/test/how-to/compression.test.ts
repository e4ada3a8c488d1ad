// Both ends in each example; what the figures are good for is that they can be made again.

import assert from "node:assert/strict";
import { it } from "node:test";
import { describePage } from "../harness/page.ts";

describePage(import.meta.url, {}, (page) => {
  it("is agreed on and makes messages smaller", () => page.run("server.ts"));

  it("can be measured: dedicated makes small messages that resemble each other smallest", async () => {
    const lines = (await page.output("measure.ts")).trim().split("\n");
    const bytes = lines.map((line) => Number(/: (\d+) bytes, [\d.]+ µs/.exec(line)?.[1]));
    const [plain, shared, dedicated] = bytes as [number, number, number];
    assert.ok(dedicated < shared && shared <= plain, lines.join());
  });

  it("past the budget no windows are kept", () => page.run("dedicated.ts"));
  it("leaves out what is secret", () => page.run("secrets.ts"));
});
