// What WebSocket has beyond the standard: the third argument. And what no page can bring about.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { afterEach, describe, it } from "node:test";
import {
  type ConnectionOptions,
  HandshakeError,
  type HawserError,
  LimitError,
  ProtocolError,
  serve,
  type Server,
  TransportError,
  UsageError,
  WebSocket,
  type WebSocketExtras,
} from "../../dist/index.js";
import { makeCertificate } from "../support/certificate.ts";
import { EventLog } from "../support/event-log.ts";
import { frame, opcodes } from "../support/frame.ts";
import { TestProxy } from "../support/proxy.ts";
import { accepting, RawServer } from "../support/raw-server.ts";

const opened: { close(options?: { timeoutMs: number }): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close({ timeoutMs: 100 });
});

async function listen(...answer: Parameters<typeof RawServer.listen>): Promise<RawServer> {
  const server = await RawServer.listen(...answer);
  opened.push(server);
  return server;
}

async function serving(options: Parameters<typeof serve>[0]): Promise<Server> {
  const server: Server = await serve(options);
  opened.push(server);
  return server;
}

/** A WebSocket whose events, and what the callback is told, are in the log. */
function connect(url: string, extras: WebSocketExtras = {}): { ws: WebSocket; log: EventLog } {
  const log = new EventLog();
  const ws = new WebSocket(url, [], { error: (error) => log.add("told", error), ...extras });
  ws.addEventListener("open", () => log.add("open"));
  ws.addEventListener("message", ({ data }) => log.add("message", data));
  ws.addEventListener("error", () => log.add("error"));
  ws.addEventListener("close", ({ code, wasClean }) => log.add("close", code, wasClean));
  return { ws, log };
}

const silent = accepting();

describe("the third argument of WebSocket", () => {
  it("headers: go into the request, of any form; Authorization before that of the URL", async () => {
    const server = await listen(silent);
    const url = server.url.replace("//", "//user:pass@");
    for (const headers of [
      { "X-Test": "1", Authorization: "Bearer x" },
      new Headers({ "X-Test": "1", authorization: "Bearer x" }),
      [
        ["X-Test", "1"],
        ["AUTHORIZATION", "Bearer x"],
      ] as const,
    ]) {
      const { ws, log } = connect(url, { headers: headers as Record<string, string> });
      await log.waitFor("open");
      ws.close();
      const request = server.requests.at(-1) ?? "";
      assert.match(request, /^X-Test: 1\r$/im);
      assert.deepEqual(request.match(/^authorization: .*$/gim), [request.match(/.*Bearer x/)?.[0]]);
    }
  });

  it("tls: connects to a server of a private authority", async () => {
    const { cert, key } = makeCertificate();
    const server = await serving({
      tls: { cert, key },
      message: (ws, message) => void ws.send(message),
    });
    const { ws, log } = connect(server.url, { tls: { ca: cert } });
    await log.waitFor("open");
    ws.send("over TLS");
    assert.deepEqual(await log.waitFor("message"), ["over TLS"]);
    assert.equal(ws.url.startsWith("wss://"), true);

    const refused = connect(server.url);
    await refused.log.waitFor("close");
    assert.deepEqual(refused.log.names, ["told", "error", "close"]);
  });

  it("proxy: it goes through one; a refusal of the proxy's says why", async () => {
    const server = await serving({ message: (ws, message) => void ws.send(message) });
    const proxy = await TestProxy.http({ credentials: "ada:k3y" });
    opened.push(proxy);
    const { ws, log } = connect(server.url, { proxy: proxy.urlWith("ada:k3y") });
    await log.waitFor("open");
    ws.send("through the proxy");
    assert.deepEqual(await log.waitFor("message"), ["through the proxy"]);
    ws.close();

    const refused = connect(server.url, { proxy: proxy.url });
    await refused.log.waitFor("close");
    const [[told]] = refused.log.all("told") as [[HawserError]];
    assert.equal(told.code, "HAWSER_PROXY_AUTHENTICATION");
    assert.throws(() => new WebSocket(server.url, [], { proxy: "ftp://a" }), UsageError);
  });

  it("compression: off by default; extensions says what was agreed on", async () => {
    const options: ConnectionOptions = { compression: true };
    const server = await serving({ ...options, message: (ws, message) => void ws.send(message) });
    const plain = connect(server.url);
    await plain.log.waitFor("open");
    assert.equal(plain.ws.extensions, "");
    plain.ws.close();

    const { ws, log } = connect(server.url, { compression: { thresholdBytes: 0 } });
    ws.binaryType = "arraybuffer";
    await log.waitFor("open");
    assert.match(ws.extensions, /^permessage-deflate/);
    // Longer than what is deflated at once: it is read later, and must be what it was at the call.
    const bytes = Buffer.alloc(200_000, 1);
    ws.send(bytes);
    bytes.fill(2);
    ws.send("behind it");
    const [first] = await log.waitFor("message", 1);
    assert.equal(Buffer.from(first as ArrayBuffer).equals(Buffer.alloc(200_000, 1)), true);
    assert.deepEqual(await log.waitFor("message", 2), ["behind it"]);
  });

  it("maxMessageBytes: a larger message fails the connection; error says why", async () => {
    const server = await listen(async (peer, request) => {
      await silent(peer, request);
      peer.write(frame(opcodes.text, "12345", { masked: false }));
      await peer.waitForEnd();
      peer.socket.end();
    });
    const { log } = connect(server.url, { maxMessageBytes: 4 });
    assert.deepEqual(await log.waitFor("close"), [1006, false]);
    assert.deepEqual(log.names, ["open", "told", "error", "close"]);
    assert.ok(log.all("told")[0]?.[0] instanceof LimitError);
  });

  it("maxQueuedBytes: full, it fails the connection", async () => {
    const server = await listen(async (peer, request) => {
      await silent(peer, request);
      peer.socket.pause();
    });
    const { ws, log } = connect(server.url, { maxQueuedBytes: 1024, closeTimeoutMs: 50 });
    await log.waitFor("open");
    // One that is larger is let through when nothing else is queued.
    ws.send(new Uint8Array(16 * 1024 * 1024));
    assert.equal(ws.readyState, WebSocket.OPEN);
    ws.send("x");
    assert.equal(ws.readyState, WebSocket.CLOSING);
    assert.deepEqual(await log.waitFor("close"), [1006, false]);
    assert.deepEqual(log.names, ["open", "told", "error", "close"]);
  });

  it("handshakeTimeoutMs and error: why there is no connection", async () => {
    const never = await listen(() => undefined);
    const refusing = await listen((peer) =>
      peer.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"),
    );
    for (const [url, Class, status] of [
      [never.url, HandshakeError, 0],
      [refusing.url, HandshakeError, 403],
      ["ws://127.0.0.1:2", TransportError, undefined],
    ] as const) {
      const { log } = connect(url, { handshakeTimeoutMs: 200 });
      await log.waitFor("close");
      assert.deepEqual(log.names, ["told", "error", "close"]);
      const told = log.all("told")[0]?.[0];
      assert.ok(told instanceof Class);
      assert.equal((told as HandshakeError).status, status);
    }
  });

  it("maxRedirects: none by default, some when told so", async () => {
    const target = await listen(accepting());
    const server = await listen((peer) =>
      peer.write(`HTTP/1.1 302 Found\r\nLocation: ${target.url}\r\nContent-Length: 0\r\n\r\n`),
    );
    const { ws, log } = connect(server.url, { maxRedirects: 1 });
    await log.waitFor("open");
    assert.equal(ws.url, server.url);
    ws.close();
  });

  it("a wrong one is a UsageError at once, and nothing is dialled", async () => {
    const server = await listen(silent);
    for (const extras of [
      { maxMessageBytes: 0 },
      { handshakeTimeoutMs: -1 },
      { headers: { "a b": "c" } },
      { headers: { a: "b\r\nc: d" } },
    ] as WebSocketExtras[]) {
      assert.throws(
        () => new WebSocket(server.url, [], extras),
        (error: HawserError) => error instanceof UsageError,
      );
    }
  });

  it("closes are those of the standard, whatever handlers are passed", async () => {
    const server = await listen(silent);
    const handlers = { message: 1, close: 1, drain: 1, signal: 1, protocols: ["no token!"] };
    const { ws, log } = connect(server.url, handlers as unknown as WebSocketExtras);
    await log.waitFor("open");
    ws.close();
  });
});

describe("WebSocket", () => {
  it("close(): a peer that does not answer has closeTimeoutMs, then 1006 without an error", async () => {
    const server = await listen(silent);
    const { ws, log } = connect(server.url, { closeTimeoutMs: 50 });
    await log.waitFor("open");
    ws.close(3000);
    assert.deepEqual(await log.waitFor("close"), [1006, false]);
    assert.deepEqual(log.names, ["open", "close"]);
  });

  it("the protocol fails: error is told which rule was broken", async () => {
    const server = await listen(async (peer, request) => {
      await silent(peer, request);
      peer.write(frame(3, "", { masked: false }));
      await peer.waitForEnd();
      peer.socket.end();
    });
    const { log } = connect(server.url);
    await log.waitFor("close");
    assert.deepEqual(log.names, ["open", "told", "error", "close"]);
    assert.ok(log.all("told")[0]?.[0] instanceof ProtocolError);
  });

  it("a peer that has gone silent is found: error and close 1006", async () => {
    const server = await listen(silent);
    const { log } = connect(server.url, { pingIntervalMs: 30, pongTimeoutMs: 30 });
    assert.deepEqual(await log.waitFor("close"), [1006, false]);
    assert.deepEqual(log.names, ["open", "told", "error", "close"]);
  });

  it("send(): a Blob that can't be read fails the connection", async () => {
    const server = await listen(silent);
    const { ws, log } = connect(server.url);
    await log.waitFor("open");
    class Unreadable extends Blob {
      override arrayBuffer(): Promise<ArrayBuffer> {
        return Promise.reject(new Error("gone"));
      }
    }
    ws.send(new Unreadable(["x"]));
    ws.send("behind it");
    assert.deepEqual(await log.waitFor("close"), [1006, false]);
    assert.deepEqual(log.names, ["open", "told", "error", "close"]);
  });

  it("messages are in memory of their own", async () => {
    const first = frame(opcodes.binary, "abc", { masked: false });
    const server = await listen(accepting({}, Buffer.concat([first, first])));
    const { ws, log } = connect(server.url);
    ws.binaryType = "arraybuffer";
    await log.waitFor("message", 2);
    const [one, two] = log.all("message").map(([data]) => data as ArrayBuffer);
    new Uint8Array(one as ArrayBuffer).fill(0);
    assert.equal(one?.byteLength, 3);
    assert.equal(Buffer.from(two as ArrayBuffer).toString(), "abc");
    ws.close();
  });
});
