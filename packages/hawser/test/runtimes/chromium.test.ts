// `hawser/protocol` in a page of Chromium, by the same checks as in Node, Bun and Deno.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, normalize } from "node:path";
import { it } from "node:test";
import * as protocol from "../../dist/protocol/index.js";
import { launchChromium } from "../support/chromium.ts";
import type { Outcome } from "./check.ts";
import { protocolChecks } from "./protocol-checks.ts";

const packageFolder = join(import.meta.dirname, "../..");

it("hawser/protocol holds in a page of Chromium", async () => {
  const modules = createServer((request, response) => {
    const path = normalize(request.url ?? "/");
    const isModule = /^\/dist(-test\/runtimes|\/protocol)\/[\w/-]+\.js$/.test(path);
    response.setHeader("Content-Type", isModule ? "text/javascript" : "text/html");
    response.end(isModule ? readFileSync(join(packageFolder, path)) : "<!doctype html>");
  });
  await new Promise<void>((resolve) => void modules.listen(0, "127.0.0.1", resolve));
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(modules.address() as AddressInfo).port}/`);
    const outcomes = (await page.evaluate(`(async () => {
      const { runAll } = await import("/dist-test/runtimes/check.js");
      const { protocolChecks } = await import("/dist-test/runtimes/protocol-checks.js");
      const outcomes = [];
      const protocol = await import("/dist/protocol/index.js");
      await runAll(protocolChecks(protocol), (one) => outcomes.push(one));
      return outcomes;
    })()`)) as Outcome[];
    assert.deepEqual(
      outcomes.map(({ name, error }) => ({ name, error })),
      protocolChecks(protocol).map(({ name }) => ({ name, error: undefined })),
    );
  } finally {
    await browser.close();
    modules.closeAllConnections();
    modules.close();
  }
});
