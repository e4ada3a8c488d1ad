// The loads of the page, each as it is written; those that don't measure the same server run beside each other.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { describePage } from "../harness/page.ts";

describePage(import.meta.url, { ports: [8080, 8081], isBare: true }, (page) => {
  it("installs", async () => {
    page.writeFile("package.json", `{ "type": "module", "private": true }\n`);
    await page.shell("npm install");
  });

  it("starts servers", async () => {
    for (const port of [8080, 8081]) {
      // oxlint-disable-next-line no-await-in-loop
      const server = await page.startShell(`npx hawser serve --quiet --port ${page.port(port)}`);
      // oxlint-disable-next-line no-await-in-loop
      await server.printed(/ws:\/\/localhost:\d+/, "stderr");
    }
  });

  it("finds the throughput", async () => {
    const summary = await page.shell(`npx hawser bench ${page.url(8080)} --connections`);
    page.checkOutput("throughput", summary.replace(/\n\n {2}The generator was the limit.*/, ""));
  });

  it("measures latencies at a rate, and writes result and report", async () => {
    await page.shell(`npx hawser bench ${page.url(8080)} --rate 2000`);
    const result = JSON.parse(readFileSync(join(page.folder, "result.json"), "utf8")) as {
      latency: { p99: number };
    };
    assert.ok(result.latency.p99 > 0);
    assert.match(readFileSync(join(page.folder, "report.html"), "utf8"), /<\/html>\n$/);
  });

  it("gives figures to scripts, fans out, opens and holds connections", async () => {
    await Promise.all([
      page.shell(`npx hawser bench ${page.url(8080)} --rate 1000`),
      page.shell(`npx hawser bench ${page.url(8081)} --scenario fan-out`),
      page.shell(`npx hawser bench ${page.url(8080)} --scenario storm`),
    ]);
    page.save("p99.js");
    await page.run("p99.js");
  });

  it("names every option that connect has not, and none that is not there", () => {
    const root = join(import.meta.dirname, "../../..");
    const [own, others] = ["bench", "connect"].map((command) => {
      const argv = [join(root, "packages/cli/dist/bin.js"), command, "--help"];
      const help = execFileSync(process.execPath, argv, { encoding: "utf8" });
      return new Set(help.match(/(?<=^ {2}(-\w, )?)--[a-z][\da-z-]+/gm));
    });
    const text = readFileSync(join(root, "docs/how-to/load-testing.md"), "utf8");
    const named = new Set(text.match(/(?<=`|hawser bench.*)--[a-z][\da-z-]+/g));
    for (const option of own ?? []) {
      assert.ok(others?.has(option) === true || named.has(option), option);
    }
    for (const option of named) assert.ok(own?.has(option), option);
  });
});
