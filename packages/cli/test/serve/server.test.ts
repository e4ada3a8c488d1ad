// `hawser serve`, talked to over real sockets.

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type Connection, connect, HandshakeError } from "hawser";
import { run } from "../../dist/index.js";
import { makeCertificate } from "../../dist/serve/certificate.js";
import { MemoryIo } from "../memory-io.js";

interface Running {
  readonly io: MemoryIo;
  readonly url: string;
  /** Ctrl+C; resolves with the exit code. */
  end(): Promise<number>;
}

async function start(...argv: string[]): Promise<Running> {
  const io = new MemoryIo();
  const exitCode = run(["serve", "--port", "0", ...argv], io);
  const [, url = ""] = await io.stderr.until(/server on (wss?:\/\/[^:]+:\d+)/);
  const end = (): Promise<number> => {
    io.interrupt();
    return exitCode;
  };
  return { io, url, end };
}

async function next(ws: Connection): Promise<unknown> {
  for await (const message of ws) return message;
  return undefined;
}

describe("hawser serve", () => {
  it("prints its URL, echoes text and binary, and ends with 0 on Ctrl+C", async () => {
    const { io, url, end } = await start();
    assert.match(url, /^ws:\/\/localhost:/);
    const ws = await connect(url);
    ws.send("grüezi");
    assert.equal(await next(ws), "grüezi");
    ws.send(new Uint8Array([0, 255]));
    assert.deepEqual(await next(ws), Buffer.from([0, 255]));
    assert.equal(await end(), 0);
    assert.equal((await ws.closed).code, 1001);
    assert.equal(io.stdout.text, "");
    assert.match(io.stderr.text, /#1 +connected: \/ from (127\.0\.0\.1|::1)\n/);
    assert.match(io.stderr.text, /#1 +closed with 1001\n/);
    assert.doesNotMatch(io.stderr.text, /grüezi/);
    assert.match(io.stderr.text, /closed\n$/);
  });

  it("--topic sends what one sends to all", async () => {
    const { url, end } = await start("--topic", "news");
    const [one, other] = [await connect(url), await connect(url)];
    one.send("hello");
    assert.deepEqual([await next(one), await next(other)], ["hello", "hello"]);
    assert.equal(await end(), 0);
  });

  it("--verbose prints messages, shortened and without control characters", async () => {
    const { io, url, end } = await start("--verbose");
    const ws = await connect(url);
    ws.send(`\u001B[31mred ${"x".repeat(300)}`);
    ws.send(new Uint8Array(40).fill(0xab));
    await next(ws);
    await next(ws);
    assert.equal(await end(), 0);
    assert.match(io.stderr.text, /#1 +text, 309: \\x1b\[31mred x{191}…\n/);
    assert.match(io.stderr.text, /#1 +binary, 40: (ab){32}…\n/);
  });

  it("--quiet prints the address, and no connections", async () => {
    const { io, url, end } = await start("--quiet");
    const ws = await connect(url);
    ws.send("hello");
    await next(ws);
    assert.equal(await end(), 0);
    assert.doesNotMatch(io.stderr.text, /#1/);
  });

  it("--tls has a certificate that can be trusted as long as it runs", async () => {
    const { io, url, end } = await start("--tls", "--http2", "--static", import.meta.dirname);
    assert.match(url, /^wss:/);
    const [, file = ""] = await io.stderr.until(/--ca (\S+) wss:.*\n[^]*browser/);
    assert.match(io.stderr.text, /SHA-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}\n/);
    const ca = readFileSync(file, "utf8");
    assert.doesNotMatch(ca, /PRIVATE/);
    await assert.rejects(connect(url), { code: "HAWSER_CONNECT" });
    for (const http of [1, 2] as const) {
      const ws = await connect(url, { tls: { ca }, http });
      ws.send("over TLS");
      assert.equal(await next(ws), "over TLS");
      ws.close(1000);
      await ws.closed;
    }
    assert.equal(await end(), 0);
    assert.ok(!existsSync(file));
  });

  it("--cert and --key take a certificate that is there", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hawser-serve-"));
    const { cert, key } = makeCertificate("localhost");
    const [certFile, keyFile] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key);
    const { url, end } = await start("--cert", certFile, "--key", keyFile);
    const ws = await connect(url, { tls: { ca: cert } });
    ws.send("hello");
    assert.equal(await next(ws), "hello");
    assert.equal(await end(), 0);
    rmSync(folder, { recursive: true });
  });

  it("--compression, --subprotocol and --allow-origin", async () => {
    const allowed = ["--subprotocol", "chat", "--allow-origin", "https://app.example.com"];
    const { io, url, end } = await start("--compression", ...allowed);
    const origin = "https://app.example.com";
    const options = { compression: true, protocols: "chat", headers: { origin } };
    const ws = await connect(url, options);
    assert.equal(ws.protocol, "chat");
    assert.match(ws.extensions, /^permessage-deflate/);
    await assert.rejects(connect(url, { headers: { origin: "https://evil.example" } }), {
      status: 403,
    } satisfies Partial<HandshakeError>);
    assert.equal(await end(), 0);
    assert.match(io.stderr.text, /connected: \/ \(chat, permessage-deflate/);
  });

  it("--allow-origin '*' lets all pages in", async () => {
    const { url, end } = await start("--allow-origin", "*");
    await connect(url, { headers: { origin: "https://any.example" } });
    assert.equal(await end(), 0);
  });

  it("--static serves files beside the echo", async () => {
    const { url, end } = await start("--static", import.meta.dirname);
    const response = await fetch(`${url.replace("ws:", "http:")}/server.test.js`);
    assert.equal(response.status, 200);
    assert.match(await response.text(), /hawser serve/);
    const ws = await connect(url);
    ws.send("hello");
    assert.equal(await next(ws), "hello");
    assert.equal(await end(), 0);
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

  const wrong: [title: string, argv: string[], message: RegExp][] = [
    ["HTTP/2 without TLS", ["--http2"], /--http2 needs --tls/],
    ["a certificate without a key", ["--cert", "cert.pem"], /--cert and --key go together/],
    ["both ways to answer", ["--echo", "--topic", "news"], /not both/],
    ["a file that is not there", ["--cert", "/none", "--key", "/none"], /--cert: .*ENOENT/],
    ["a folder that is not there", ["--static", "/none"], /--static \/none: .*ENOENT/],
  ];
  for (const [title, argv, message] of wrong) {
    it(`explains ${title} and gives exit code 1`, async () => {
      const io = new MemoryIo();
      assert.equal(await run(["serve", "--port", "0", ...argv], io), 1);
      assert.match(io.stderr.text, message);
    });
  }

  it("--help has examples", async () => {
    const io = new MemoryIo();
    assert.equal(await run(["serve", "--help"], io), 0);
    assert.match(io.stdout.text, /Examples:[^]*hawser serve --topic/);
  });
});
