// What a WebSocket does to its process: it lives as long as the connection, and errors of listeners are
// reported, once, without any harm to the connection.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { within } from "../support/deferred.ts";
import type { RawServer } from "../support/raw-server.ts";
import { startScriptedServer } from "./scripted-server.ts";

let server: RawServer;
before(async () => {
  server = await startScriptedServer();
});
after(() => server.close());

/** The lines that the program says, up to its end. */
async function run(what: string, path: string): Promise<string[]> {
  const child = spawn(process.execPath, [
    fileURLToPath(new URL("./program.js", import.meta.url)),
    what,
    new URL(path, server.url).href,
  ]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  try {
    await within(once(child, "close"), what);
  } finally {
    child.kill("SIGKILL");
  }
  return output.trim().split("\n");
}

describe("a process", () => {
  it("lives as long as its WebSocket is open, and no longer", async () => {
    assert.deepEqual(await run("stays open", "/close?code=1001"), ["open", "close 1001"]);
  });

  it("ends after a WebSocketStream that failed, though nobody waits for all of its promises", async () => {
    assert.deepEqual(await run("is refused", "/refuse"), ["rejected"]);
  });

  it("is told of every listener that throws, and the connection goes on", async () => {
    assert.deepEqual(await run("listeners throw", "/echo"), [
      "reported in onopen",
      "reported at message 1",
      "reported at message 2",
      "close 1005 true",
      "reported in onclose",
    ]);
  });

  it("is told of a handler whose promise rejects", async () => {
    assert.deepEqual(await run("a listener rejects", "/echo"), [
      "unhandled in onopen",
      "close 1005",
    ]);
  });

  it("is told of a callback of the third argument that throws", async () => {
    assert.deepEqual(await run("the extra throws", "/refuse"), ["reported in error", "close 1006"]);
  });
});
