// The program as its operator sees it: what PORT and HOST do, what a mistake says, how it stops.

import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { startChat } from "../dist/server.js";
import { Guest } from "./guest.ts";

const program = fileURLToPath(new URL("../dist/server.js", import.meta.url));

function start(env: Record<string, string>): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [program], { env });
  // A guard: no test leaves a server behind.
  const guard = setTimeout(() => child.kill("SIGKILL"), 15_000);
  child.once("exit", () => clearTimeout(guard));
  return child;
}

async function firstLine(child: ChildProcessWithoutNullStreams): Promise<string> {
  const lines = createInterface(child.stdout);
  const [line] = (await once(lines, "line")) as [string];
  return line;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** The exit code and the first line of what it says; the second is always the same. */
async function failure(env: Record<string, string>): Promise<[code: number, message: string]> {
  const child = start(env);
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  const [message = "", hint, ...rest] = said.split("\n");
  assert.equal(hint, "PORT and HOST say where it listens, for example: PORT=8081 npm start");
  assert.deepEqual(rest, [""]);
  return [code as number, message];
}

describe("dist/server.js", { timeout: 30_000 }, () => {
  it("listens where PORT and HOST say, and prints the URL", async () => {
    const port = await freePort();
    const child = start({ PORT: String(port), HOST: "127.0.0.1" });
    assert.equal(await firstLine(child), `Hawser chat is open: http://127.0.0.1:${port}`);
    const response = await fetch(`http://127.0.0.1:${port}/`);
    assert.match(await response.text(), /<title>Hawser chat<\/title>/);
    child.kill("SIGTERM");
    await once(child, "exit");
  });

  it("takes localhost when HOST is empty, and any port for 0", async () => {
    const child = start({ PORT: "0", HOST: "" });
    assert.match(await firstLine(child), /^Hawser chat is open: http:\/\/localhost:\d+$/);
    child.kill("SIGTERM");
    await once(child, "exit");
  });

  it("names a taken port in one sentence, and ends with 1", async () => {
    const taken = await startChat({ port: 0, hostname: "127.0.0.1" });
    const { port } = new URL(taken.url);
    const [code, message] = await failure({ PORT: port, HOST: "127.0.0.1" });
    assert.equal(code, 1);
    assert.match(message, new RegExp(`^Hawser chat can't start: port ${port} is in use: `));
    await taken.close();
  });

  for (const port of ["http", "65536", "-1", "80.5", "0x50", " 80", "123456"]) {
    it(`says what is wrong with PORT=${JSON.stringify(port)}, and ends with 1`, async () => {
      const [code, message] = await failure({ PORT: port });
      assert.equal(code, 1);
      assert.equal(
        message,
        `Hawser chat can't start: PORT must be a whole number from 0 to 65535, not "${port}"`,
      );
    });
  }

  it("names an address that is not its own in one sentence, and ends with 1", async () => {
    const [code, message] = await failure({ PORT: "0", HOST: "192.0.2.1" });
    assert.equal(code, 1);
    assert.match(message, /^Hawser chat can't start: can't listen on .*192\.0\.2\.1/);
  });

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`drains on ${signal}: everybody hears 1001, and the exit code is 0`, async () => {
      const child = start({ PORT: "0", HOST: "127.0.0.1" });
      const line = await firstLine(child);
      const guest = await Guest.join({ url: line.replace(/.*http/, "ws") }, "Ada");
      const end = guest.end();
      child.kill(signal);
      const [code] = await once(child, "exit");
      assert.equal(code, 0);
      assert.equal((await end).closed.code, 1001);
    });
  }
});
