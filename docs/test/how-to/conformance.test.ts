// The tester as npm installs it, run on the server and the client of the page.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { describePage } from "../harness/page.ts";

const root = join(import.meta.dirname, "../../..");

describePage(import.meta.url, { ports: [8080, 9001], isBare: true }, (page) => {
  const url = (): string => page.url(8080);

  it("installs", async () => {
    page.writeFile("package.json", `{ "private": true, "type": "module" }\n`);
    await page.shell("npm install");
    page.save("server.ts");
    page.save("runner.ts");
  });

  it("tests the server", async () => {
    await page.start("server.ts");
    const command = `npx hawser conform server ${url()}`;
    page.checkOutput(command, await page.shell(`${command}\n`));
  });

  it("tests the client", async () => {
    page.checkOutput("npx hawser conform client", await page.shell("npx hawser conform client"));
  });

  it("runs chosen cases, and writes reports", async () => {
    const chosen = await page.shell(`npx hawser conform server ${url()} --cases`);
    assert.match(chosen, /^20 of 20 cases in .*: OK 20$/m);
    await page.shell(`npx hawser conform server ${url()} --strict`);
    for (const file of ["conformance.xml", "conformance/index.html"]) {
      assert.ok(existsSync(join(page.folder, file)));
    }
  });

  it("names every option of the command, and no other", () => {
    const bin = join(root, "packages/cli/dist/bin.js");
    const text = readFileSync(join(root, "docs/how-to/conformance.md"), "utf8");
    const help = ["server", "client"]
      .map((role) =>
        execFileSync(process.execPath, [bin, "conform", role, "--help"], { encoding: "utf8" }),
      )
      .join();
    const inHelp = new Set(help.match(/--[a-z-]+/g));
    const onPage = new Set(text.match(/(?<=`|hawser.*)--(?!save-dev)[a-z]+/gm));
    inHelp.delete("--help");
    assert.deepEqual([...onPage].toSorted(), [...inHelp].toSorted());
  });
});
