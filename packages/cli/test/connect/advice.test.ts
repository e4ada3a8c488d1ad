// What `hawser connect` says when there is no connection: the answer as it came, and what to do about it.

import assert from "node:assert/strict";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { once } from "node:events";
import { after, describe, it } from "node:test";
import { HandshakeError, serve, TransportError } from "hawser";
import { explain } from "../../dist/connect/advice.js";
import { run } from "../../dist/index.js";
import { makeCertificate } from "../certificate.js";
import { MemoryIo } from "../memory-io.js";

const servers: Server[] = [];
after(() => servers.forEach((server) => server.close()));

/** A server that answers every connection with that, whatever it is asked. */
async function answering(answer: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(answer));
  }).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What the command says, and its exit code. */
async function told(url: string, ...argv: string[]): Promise<[exitCode: number, text: string]> {
  const io = new MemoryIo();
  const exitCode = await run(["connect", url, ...argv], io);
  assert.equal(io.stdout.text, "");
  return [exitCode, io.stderr.text];
}

describe("a refusal", () => {
  it("is shown with its status, header fields and body, without their control characters", async () => {
    const host = await answering(
      "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\nContent-Length: 18\r\n\r\nsign in \u001B[31mfirst",
    );
    const [exitCode, text] = await told(`ws://${host}`);
    assert.equal(exitCode, 3);
    const [first, ...rest] = text.split("\n");
    assert.match(first ?? "", /^hawser: .*401/);
    assert.deepEqual(rest.slice(0, 5), [
      "  HTTP 401 Unauthorized",
      "  www-authenticate: Bearer",
      "  content-length: 18",
      "",
      "sign in \\x1b[31mfirst",
    ]);
    assert.match(rest[5] ?? "", /^What to do: .*--auth user:password/);
  });

  const rows: [status: string, advice: RegExp][] = [
    ["200 OK", /ordinary page, not a WebSocket.*Upgrade/],
    [
      "301 Moved\r\nLocation: wss://elsewhere.example/",
      /wss:\/\/elsewhere\.example\/; --redirects 5/,
    ],
    ["400 Bad Request", /--subprotocol/],
    ["403 Forbidden", /--origin https:/],
    ["404 Not Found", /path and the query/],
    ["418 Teapot", /^(?!.*What to do)/],
    ["426 Upgrade Required", /Sec-WebSocket-Version/],
    ["429 Too Many Requests", /--reconnect/],
    ["500 Internal Server Error", /the server failed/],
    ["502 Bad Gateway", /can't reach the server behind/],
  ];
  for (const [status, advice] of rows) {
    it(`with ${status.slice(0, 3)} says what to do`, async () => {
      const host = await answering(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`);
      const [exitCode, text] = await told(`ws://${host}`);
      assert.equal(exitCode, 3);
      assert.match(text.replaceAll("\n", " "), advice);
    });
  }

  it("of a server that speaks no HTTP leads to the scheme or the port", async () => {
    const host = await answering("SSH-2.0-OpenSSH_9.2\r\n\r\n");
    const [exitCode, text] = await told(`ws://${host}`);
    assert.equal(exitCode, 3);
    assert.match(text, /What to do: what answers speaks no HTTP/);
  });
});

describe("no connection", () => {
  it("without a server on the port", async () => {
    const server = createHttpServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    const [exitCode, text] = await told(`ws://127.0.0.1:${port}`);
    assert.equal(exitCode, 2);
    assert.match(text, /^hawser: can't connect to 127\.0\.0\.1:\d+ .*ECONNREFUSED/);
    assert.match(text, /What to do: nothing listens on that port/);
  });

  it("without such a name", async () => {
    const [exitCode, text] = await told("ws://name.invalid");
    assert.equal(exitCode, 2);
    assert.match(text, /What to do: (there is no such name|names can't be looked up)/);
  });

  it("without such a unix socket", async () => {
    const [exitCode, text] = await told("ws://localhost", "--unix", "/none/socket");
    assert.equal(exitCode, 2);
    assert.match(text, /What to do: .*--unix/);
  });

  it("in time", async () => {
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    servers.push(silent);
    await once(silent, "listening");
    silent.unref();
    const url = `ws://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const [exitCode, text] = await told(url, "--connect-timeout", "0.05");
    assert.equal(exitCode, 2);
    assert.match(text, /What to do: .*--connect-timeout/);
  });

  it("with TLS that can't be trusted, until --ca or --insecure says so", async () => {
    const localhost = makeCertificate();
    const server = await serve({
      port: 0,
      hostname: "localhost",
      tls: localhost,
      open: (ws) => ws.close(1000),
    });
    const [exitCode, text] = await told(server.url);
    assert.equal(exitCode, 2);
    assert.match(text, /What to do: nobody whom you trust.*--ca FILE.*--insecure/);
    assert.equal((await told(server.url, "--insecure"))[0], 0);
    const [, noTls] = await told(server.url.replace("wss:", "ws:"));
    assert.match(noTls, /What to do: .*wss:/);
    await server.close();
  });

  it("with TLS where none is spoken", async () => {
    const host = await answering("HTTP/1.1 400 Bad Request\r\n\r\n");
    const [exitCode, text] = await told(`wss://${host}`);
    assert.equal(exitCode, 2);
    assert.match(text, /What to do: no TLS is spoken there/);
  });
});

describe("explain", () => {
  it("finds the code in the causes, those of several addresses too", () => {
    const codes = ["ENETUNREACH", "ETIMEDOUT"].map((code) =>
      Object.assign(new Error(code), { code }),
    );
    const error = new TransportError("HAWSER_CONNECT", "no", new AggregateError(codes));
    assert.match(explain(error)?.lines[1] ?? "", /no way to that network/);
  });

  it("tells what another attempt may do better", () => {
    const isTemporary = (status: number): boolean | undefined =>
      explain(new HandshakeError("HAWSER_REFUSED", "no", { status }))?.isTemporary;
    assert.deepEqual([401, 404, 408, 429, 500, 503].map(isTemporary), [
      false,
      false,
      true,
      true,
      true,
      true,
    ]);
  });

  it("leaves other errors alone", () => assert.equal(explain(new Error("other")), undefined));
});
