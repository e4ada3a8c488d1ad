// `hawser connect` against servers that echo, talk, close and refuse.

import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, describe, it } from "node:test";
import { type ListenOptions, type Server, serve, type ServerOptions } from "hawser";
import { run } from "../dist/index.js";
import { MemoryIo } from "./memory-io.js";

describe("hawser connect", () => {
  const servers: Server[] = [];
  after(() => Promise.all(servers.map((server) => server.close())));

  async function listen(options: ServerOptions & ListenOptions): Promise<string> {
    const server = await serve({ hostname: "127.0.0.1", port: 0, ...options });
    servers.push(server);
    return server.url;
  }

  it("sends each line, prints what comes, and ends with 0 after the end of its input", async () => {
    const url = await listen({ message: (ws, message) => void ws.send(message) });
    const io = new MemoryIo();
    io.stdin.end("one\n\nzwölf");
    assert.equal(await run(["connect", url], io), 0);
    assert.equal(io.stdout.text, "one\n\nzwölf\n");
    assert.match(io.stderr.text, /^connected to ws:.*\nclosed 1000\n$/);
  });

  it("keeps the order of a hundred thousand lines that come at once", async () => {
    const url = await listen({
      async message(ws, message) {
        if (!ws.send(message)) await ws.drained();
      },
    });
    const io = new MemoryIo();
    const text = Array.from({ length: 100_000 }, (_, index) => `${index}\n`).join("");
    io.stdin.end(text);
    assert.equal(await run(["connect", url], io), 0);
    assert.ok(io.stdout.text === text);
  });

  it("prints binary messages as hex", async () => {
    const url = await listen({
      open(ws) {
        ws.send(new Uint8Array([0, 0x7f, 0xff]));
        ws.close(1000);
      },
    });
    const io = new MemoryIo();
    assert.equal(await run(["connect", url], io), 0);
    assert.equal(io.stdout.text, "007fff\n");
  });

  it("closes with 1000 and gives 0 on Ctrl+C", async () => {
    const closeCode = new EventEmitter();
    const received = once(closeCode, "received");
    const url = await listen({ close: (_ws, code) => void closeCode.emit("received", code) });
    const io = new MemoryIo();
    const exitCode = run(["connect", url], io);
    await io.stderr.until(/connected/);
    io.interrupt();
    assert.equal(await exitCode, 0);
    assert.deepEqual(await received, [1000]);
  });

  it("reports any other close code with its reason and gives 1", async () => {
    const url = await listen({ open: (ws) => ws.close(4001, "too late") });
    const io = new MemoryIo();
    assert.equal(await run(["connect", url], io), 1);
    assert.match(io.stderr.text, /hawser: closed with 4001: too late\n$/);
  });

  it("reports a connection that breaks off and gives 1", async () => {
    const url = await listen({ open: (ws) => ws.terminate() });
    const io = new MemoryIo();
    assert.equal(await run(["connect", url], io), 1);
    assert.match(io.stderr.text, /hawser: closed with 1006/);
  });

  it("offers subprotocols and sends headers", async () => {
    const url = await listen({
      protocols: ["b"],
      upgrade: ({ headers }) => ({ data: headers["x-name"] }),
      open(ws) {
        ws.send(`${String(ws.data)} ${ws.protocol}`);
        ws.close(1000);
      },
    });
    const io = new MemoryIo();
    const options = ["--subprotocol", "a", "--subprotocol", "b", "--header", "X-Name: Anna: Lena"];
    assert.equal(await run(["connect", url, ...options], io), 0);
    assert.equal(io.stdout.text, "Anna: Lena b\n");
    assert.match(io.stderr.text, /with subprotocol b\n/);
  });

  it("shows the status and the body of a refusal and gives 1", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    server.on("upgrade", (_request, socket) => {
      socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 13\r\n\r\nsign in first");
    });
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const io = new MemoryIo();
    assert.equal(await run(["connect", `ws://127.0.0.1:${port}`], io), 1);
    assert.match(io.stderr.text, /^hawser: .*401.*\nsign in first\n$/);
    server.close();
  });

  it("explains that nobody listens and gives 1", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    const io = new MemoryIo();
    assert.equal(await run(["connect", `ws://127.0.0.1:${port}`], io), 1);
    assert.match(io.stderr.text, /^hawser: can't connect to 127\.0\.0\.1:\d+ .*ECONNREFUSED/);
  });

  for (const isTTY of [true, false]) {
    it(isTTY ? "keeps control characters from a terminal" : "leaves a file its bytes", async () => {
      const url = await listen({
        open(ws) {
          ws.send("a\tb\n\u001B[31mred\u0085");
          ws.close(1000);
        },
      });
      const io = new MemoryIo();
      io.stdout.isTTY = isTTY;
      assert.equal(await run(["connect", url], io), 0);
      assert.equal(
        io.stdout.text,
        isTTY ? "a\tb\n\\x1b[31mred\\x85\n" : "a\tb\n\u001B[31mred\u0085\n",
      );
    });
  }
});
