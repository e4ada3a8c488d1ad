// The command as a process: signals, pipes and exit codes.

import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, it } from "node:test";
import { serve } from "hawser";

const bin = join(import.meta.dirname, "../dist/bin.js");

function start(...argv: string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [bin, ...argv]);
}

async function exitOf(child: ChildProcessWithoutNullStreams): Promise<unknown> {
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  return code ?? signal;
}

describe("hawser as a process", () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`serve ends with exit code 0 on ${signal}`, async () => {
      const child = start("serve", "--port", "0");
      await once(child.stderr, "data");
      child.kill(signal);
      assert.equal(await exitOf(child), 0);
    });
  }

  it("connect ends when the server closes, though its input stays open", async () => {
    const server = await serve({ port: 0, open: (ws) => ws.close(1000) });
    assert.equal(await exitOf(start("connect", server.url)), 0);
    await server.close();
  });

  it("connect ends when nobody reads its output any more", async () => {
    const server = await serve({ port: 0, message: (ws, message) => void ws.send(message) });
    const child = start("connect", server.url);
    child.stdout.destroy();
    child.stdin.write("hello\n");
    assert.equal(await exitOf(child), 0);
    await server.close();
  });

  it("connect waits for the answer in a pipe, and its exit code tells a script what happened", async () => {
    const server = await serve({
      port: 0,
      hostname: "127.0.0.1",
      upgrade: ({ url }) => (url === "/no" ? new Response("no", { status: 403 }) : {}),
      message: (ws, message) => void setTimeout(() => ws.send(message), 50),
    });
    const hawser = `${process.execPath} ${bin} connect ${server.url}`;
    const script = spawn("sh", [
      "-c",
      `echo hi | ${hawser} --once | tr a-z A-Z; ${hawser}/no < /dev/null; echo $?`,
    ]);
    script.stdout.setEncoding("utf8");
    const output = (await script.stdout.toArray()).join("");
    assert.equal(output, "HI\n3\n");
    await server.close();
  });
});
