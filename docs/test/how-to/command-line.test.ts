// The command as npm installs it, run as the page says.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { serve } from "hawser";
import { exitCode, exitCodeMeanings } from "../../../packages/cli/dist/connect/exit-code.js";
import { slashCommands } from "../../../packages/cli/dist/connect/slash-command.js";
import { describePage } from "../harness/page.ts";

const root = join(import.meta.dirname, "../../..");
const text = readFileSync(join(root, "docs/how-to/command-line.md"), "utf8");

describePage(import.meta.url, { ports: [8080, 8081], isBare: true }, (page) => {
  it("installs", async () => {
    page.writeFile("package.json", `{ "private": true }\n`);
    await page.shell("npm install");
  });

  it("serves, and sends the lines of a pipe", async () => {
    const server = await page.startShell("npx hawser serve");
    await server.printed(/ws:\/\/localhost:\d+/, "stderr");
    page.checkOutput("printf", await page.shell("printf"));
    page.checkOutput("once", await page.shell("echo hi"));
    const { data } = JSON.parse(await page.shell("echo '{")) as { data: string };
    assert.equal(data, "two\nlines");
    const framed = await page.startShell("echo frames");
    assert.equal(await framed.succeeded(), "frames\n");
    assert.match(framed.stderr, /→ TEXT FIN mask=[\da-f]{8} length=6 "frames"\n/);
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
    assert.match(refused.stderr, /sign in\nWhat to do: .*--auth user:password/);
    await server.close();
  });

  it("names every option of the command, and no other", () => {
    const bin = join(root, "packages/cli/dist/bin.js");
    const help = ["serve", "connect", "completion"]
      .map((command) =>
        execFileSync(process.execPath, [bin, command, "--help"], { encoding: "utf8" }),
      )
      .join();
    const inHelp = new Set(help.match(/--[a-z][\da-z-]+/g));
    const onPage = new Set(
      text.match(/(?<=`|hawser.*|^ {2})--(?!save-dev|help\b)[a-z][\da-z-]+/gm),
    );
    inHelp.delete("--help");
    assert.deepEqual([...onPage].toSorted(), [...inHelp].toSorted());
  });

  it("has the exit codes, the slash commands and the limits that the command has", () => {
    for (const [name, meaning] of Object.entries(exitCodeMeanings)) {
      const code = exitCode[name as keyof typeof exitCode];
      assert.ok(text.replaceAll("`", "").includes(`| ${code} | ${meaning} |`), name);
    }
    for (const { usage } of Object.values(slashCommands))
      assert.ok(text.includes(`| \`${usage}\` |`));
  });
});
