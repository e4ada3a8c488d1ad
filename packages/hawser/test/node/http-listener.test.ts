// The HTTP server that a Server makes for itself: what is no upgrade, what is no HTTP, TLS, unix sockets.
// Malformed handshakes have their own tests, in ../hardening.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { connect as connectTls } from "node:tls";
import type { Server } from "../../dist/index.js";
import { type Certificate, makeCertificate } from "../support/certificate.ts";
import { headText, requestText } from "../support/http-head.ts";
import { RawPeer, type RawResponse } from "../support/raw-peer.ts";
import { Stage } from "../support/stage.ts";

const stage = new Stage();
afterEach(() => stage.end());

const host = { Host: "localhost" };

async function answerTo(server: Server, request: string): Promise<RawResponse> {
  const peer = await stage.dial(server);
  peer.write(request);
  const response = await peer.readResponse();
  assert.equal(await peer.waitForEnd(), "fin");
  return response;
}

describe("HttpListener: what is no WebSocket handshake", () => {
  it("a plain GET without a fetch handler: 426 that names the protocol", async () => {
    const server = await stage.serve();
    const { status, headers, body } = await answerTo(server, headText("GET / HTTP/1.1", host));
    assert.equal(status, 426);
    assert.deepEqual(headers.get("upgrade"), ["websocket"]);
    assert.deepEqual(headers.get("connection"), ["Upgrade, close"]);
    assert.match(body, /connect with a WebSocket client \(RFC 9110 §15\.5\.22\)\n$/);
  });

  it("HEAD: 426 without a body", async () => {
    const server = await stage.serve();
    const peer = await stage.dial(server);
    peer.write(headText("HEAD / HTTP/1.1", host));
    assert.equal((await peer.readHead()).status, 426);
    assert.equal((await peer.readToEnd()).length, 0);
  });

  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    it(`${method} without a fetch handler: 405`, async () => {
      const server = await stage.serve();
      const request = headText(`${method} / HTTP/1.1`, { ...host, "Content-Length": "0" });
      const { status, headers } = await answerTo(server, request);
      assert.equal(status, 405);
      assert.deepEqual(headers.get("allow"), ["GET"]);
    });
  }

  it("Upgrade: websocket without Connection: Upgrade: 400, even with a fetch handler", async () => {
    const server = await stage.serve({ fetch: () => assert.fail("asked") });
    const { status, body } = await answerTo(server, requestText({ Connection: "close" }));
    assert.equal(status, 400);
    assert.match(body, /proxy/);
  });

  it("Upgrade to something else without Connection: Upgrade goes to the fetch handler", async () => {
    const server = await stage.serve({ fetch: () => new Response("plain") });
    const fields = { ...host, Upgrade: "h2c", Connection: "close" };
    const { body } = await answerTo(server, headText("GET / HTTP/1.1", fields));
    assert.equal(body, "plain");
  });

  it("what is no HTTP: 400; a reset: nothing", async () => {
    const errors: unknown[] = [];
    const server = await stage.serve({ error: (error) => errors.push(error) });
    assert.equal((await answerTo(server, "hello\r\n\r\n")).status, 400);
    const peer = await stage.dial(server);
    peer.write("GET / HT");
    peer.reset();
    await peer.waitForEnd();
    assert.equal((await stage.connect(server)).state, "open");
    assert.deepEqual(errors, []);
  });

  it("headers past maxHeaderBytes: 431; a URL past maxUrlBytes: 414", async () => {
    const server = await stage.serve({ maxHeaderBytes: 1_000, maxUrlBytes: 100 });
    const url = (bytes: number): string => `GET /${"u".repeat(bytes - 1)} HTTP/1.1`;
    const fields = { "X-Long": "x".repeat(900) };
    assert.equal((await answerTo(server, requestText(fields))).status, 431);
    assert.equal((await answerTo(server, requestText({}, url(101)))).status, 414);
    // Past the limit that stands behind ours, too.
    assert.equal((await answerTo(server, requestText({ X: "x".repeat(9_000) }))).status, 431);
    assert.equal((await answerTo(server, requestText({}, url(9_000)))).status, 414);
    assert.equal((await answerTo(server, requestText(fields, url(9_000)))).status, 414);
  });

  it("a large request is refused in a way that the client can read, though it is still writing", async () => {
    const server = await stage.serve();
    for (let i = 0; i < 10; i++) {
      const peer = await stage.dial(server);
      peer.write(requestText({ "X-Long": "x".repeat(4 * 1024 * 1024) }));
      assert.equal((await peer.readResponse()).status, 431);
    }
  });

  it("silence: 408 after handshakeTimeoutMs", async () => {
    const server = await stage.serve({ handshakeTimeoutMs: 100 });
    const started = performance.now();
    assert.equal((await answerTo(server, "")).status, 408);
    const took = performance.now() - started;
    assert.ok(took > 50 && took < 1_000, `${took} ms`);
  });
});

describe("HttpListener: unix sockets", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "hawser-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("listens at a path, and says so in its url and address", async () => {
    const path = join(folder, "socket");
    const server = await stage.serve({ unix: path, message: (ws, m) => void ws.send(m) });
    assert.equal(server.url, `ws+unix:${path}`);
    assert.equal(server.address(), path);
    const peer = await RawPeer.open({ path });
    peer.send("Hello");
    assert.equal(await peer.readText(), "Hello");
    const [ws] = [...server.connections];
    assert.equal(ws?.remoteAddress, undefined);
    peer.destroy();
  });

  it("the path is free again after close()", async () => {
    const path = join(folder, "again");
    await (await stage.serve({ unix: path })).close();
    await stage.serve({ unix: path });
  });
});

describe("HttpListener: TLS", () => {
  let certificate: Certificate;
  before(() => {
    certificate = makeCertificate();
  });

  it("wss, for names and addresses", async () => {
    const server = await stage.serve({
      tls: certificate,
      hostname: "localhost",
      message: (ws, message) => void ws.send(message),
      open: (ws, { isSecure }) => void ws.send(String(isSecure)),
    });
    assert.match(server.url, /^wss:\/\/localhost:\d+$/);
    const received: unknown[] = [];
    const ws = await stage.connect(server, { tls: { ca: certificate.cert } });
    ws.send("Hello");
    for await (const message of ws) {
      received.push(message);
      if (received.length === 2) break;
    }
    assert.deepEqual(received, ["true", "Hello"]);
  });

  it("fetch knows that it is https", async () => {
    const server = await stage.serve({ tls: certificate, fetch: ({ url }) => new Response(url) });
    const port = Number(new URL(server.url).port);
    const socket = connectTls({ port, host: "127.0.0.1", ca: certificate.cert });
    socket.end(headText("GET /path HTTP/1.1", { ...host, Connection: "close" }));
    const peer = new RawPeer(socket);
    assert.equal((await peer.readResponse()).body, "https://localhost/path");
    peer.destroy();
  });

  it("plain HTTP on the TLS port ends the socket and nothing else", async () => {
    const server = await stage.serve({ tls: certificate, hostname: "localhost" });
    const peer = await RawPeer.connect({
      port: Number(new URL(server.url).port),
      host: "localhost",
    });
    peer.write(requestText());
    await peer.waitForEnd();
    peer.destroy();
    assert.equal((await stage.connect(server, { tls: { ca: certificate.cert } })).state, "open");
  });

  it("a TLS handshake that never ends is ended after handshakeTimeoutMs", async () => {
    const server = await stage.serve({ tls: certificate, handshakeTimeoutMs: 100 });
    const socket = connectTcp(Number(new URL(server.url).port), "127.0.0.1");
    const peer = new RawPeer(socket);
    await peer.waitForEnd(1_000);
    peer.destroy();
  });

  it("a certificate that is none rejects", async () => {
    await assert.rejects(stage.serve({ tls: { cert: "none", key: "none" } }));
  });
});
