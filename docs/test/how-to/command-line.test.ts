// The command as npm installs it, run as the page says.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { serve } from "hawser";
import { describePage } from "../harness/page.ts";

const root = join(import.meta.dirname, "../../..");

describePage(import.meta.url, { ports: [8080, 8081], isBare: true }, (page) => {
  it("installs", async () => {
    page.writeFile("package.json", `{ "private": true }\n`);
    await page.shell("npm install");
  });

  it("serves, and sends the lines of a pipe", async () => {
    const server = await page.startShell("npx hawser serve");
    await server.printed(/ws:\/\/localhost:\d+/, "stderr");
    page.checkOutput("printf", await page.shell("printf"));
    server.kill("SIGINT");
    await server.ended;
    assert.match(server.stderr, /closed\n/);
  });

  it("sends headers and subprotocols, and says why it was refused", async () => {
    const server = await serve({
      port: page.port(8081),
      origins: ["https://app.example.com"],
      protocols: ["chat"],
      upgrade: ({ headers }) =>
        headers.authorization === "Bearer k3y" ? {} : new Response("sign in\n", { status: 401 }),
      message: (ws, message) => void ws.send(`${ws.protocol}: ${String(message)}`),
    });
    const client = await page.startShell("echo hello");
    assert.equal(await client.succeeded(), "chat: hello\n");

    const refused = await page.startShell("npx hawser connect");
    page.checkOutput("refused", await refused.succeeded());
    assert.match(refused.stderr, /401/);
    assert.match(refused.stderr, /sign in/);
    await server.close();
  });

  it("names every option of the command, and no other", () => {
    const bin = join(root, "packages/cli/dist/bin.js");
    const text = readFileSync(join(root, "docs/how-to/command-line.md"), "utf8");
    const help = ["serve", "connect"]
      .map((command) =>
        execFileSync(process.execPath, [bin, command, "--help"], { encoding: "utf8" }),
      )
      .join();
    const inHelp = new Set(help.match(/--[a-z-]+/g));
    const onPage = new Set(text.match(/(?<=`|hawser.*|^ {2})--(?!save-dev)[a-z-]+/gm));
    assert.deepEqual([...onPage].toSorted(), [...inHelp].toSorted());
  });
});
