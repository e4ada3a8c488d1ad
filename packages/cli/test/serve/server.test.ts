// `hawser serve`, talked to over real sockets.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { connect } from "hawser";
import { run } from "../../dist/index.js";
import { MemoryIo } from "../memory-io.js";

describe("hawser serve", () => {
  it("prints its URL, echoes text and binary, and ends with 0 on Ctrl+C", async () => {
    const io = new MemoryIo();
    const exitCode = run(["serve", "--port", "0"], io);
    const [, url = ""] = await io.stderr.until(/echo server on (ws:\/\/localhost:\d+)/);

    const ws = await connect(url);
    ws.send("grüezi");
    ws.send(new Uint8Array([0, 255]));
    const messages: unknown[] = [];
    for await (const message of ws) {
      if (messages.push(message) === 2) io.interrupt();
    }
    assert.deepEqual(messages, ["grüezi", Buffer.from([0, 255])]);
    assert.equal((await ws.closed).code, 1001);
    assert.equal(await exitCode, 0);
    assert.equal(io.stdout.text, "");
  });

  it("explains a port that is in use and gives exit code 1", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const io = new MemoryIo();
    assert.equal(await run(["serve", "--host", "127.0.0.1", "--port", `${port}`], io), 1);
    assert.match(io.stderr.text, new RegExp(`hawser: port ${port} is in use`));
    other.close();
  });
});
