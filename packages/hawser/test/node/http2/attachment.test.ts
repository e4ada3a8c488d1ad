// Servers beside others on a server of node:http2, with TLS and without.

import assert from "node:assert/strict";
import { once } from "node:events";
import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, describe, it } from "node:test";
import { connect, Server } from "../../../dist/index.js";
import { makeCertificate } from "../../support/certificate.ts";
import { Http2Peer } from "../../support/http2-peer.ts";
import { rejectionOf } from "../../support/rejection.ts";
import { Stage } from "../../support/stage.ts";

const certificate = makeCertificate();
const stage = new Stage();
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await stage.end();
});

async function listen(http: Http2Server | Http2SecureServer): Promise<string> {
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  ends.push(() => http.close());
  const scheme = "key" in http || http.listenerCount("secureConnection") > 0 ? "https" : "http";
  return `${scheme}://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

async function dial(url: string): Promise<Http2Peer> {
  const peer = await Http2Peer.connect(url);
  ends.unshift(() => peer.destroy());
  return peer;
}

/** A server that says who it is. */
function named(name: string): Server {
  return stage.keep(new Server({ open: (ws) => ws.send(name) }));
}

describe("attach to an HTTP/2 server", () => {
  it("h2c with prior knowledge: the server offers extended CONNECT, its other streams stay its own", async () => {
    const http = createServer();
    const server = named("a");
    server.attach(http);
    http.on("stream", (stream, headers) => {
      if (headers[":method"] !== "GET") return;
      stream.respond({ ":status": 200 });
      stream.end("plain");
    });
    const peer = await dial(await listen(http));
    assert.equal(await (await peer.open()).peer.readText(), "a");
    const { body } = await peer.response({ ":method": "GET", ":path": "/" });
    assert.equal(body, "plain");
  });

  it("a secure server with allowHTTP1: WebSockets of either version", async () => {
    const http = createSecureServer({ ...certificate, allowHTTP1: true });
    http.on("request", (_request, response) => response.end("plain"));
    const server = stage.keep(new Server({ open: (ws, request) => ws.send(request.httpVersion) }));
    server.attach(http);
    const url = await listen(http);
    const peer = await dial(url);
    assert.equal(await (await peer.open()).peer.readText(), "2.0");
    const ws = await connect(url, { tls: { ca: certificate.cert } });
    assert.equal((await ws[Symbol.asyncIterator]().next()).value, "1.1");
    ws.close();
    await ws.closed;
    const { body } = await peer.response({ ":method": "GET", ":path": "/" });
    assert.equal(body, "plain");
  });

  it("a server that makes requests of streams: an async hook is not overtaken by Node's 405", async () => {
    const http = createServer((_request, response) => response.end("plain"));
    const server = stage.keep(
      new Server({
        upgrade: () => new Promise((resolve) => setImmediate(() => resolve({}))),
        open: (ws) => ws.send("late"),
      }),
    );
    server.attach(http);
    const peer = await dial(await listen(http));
    assert.equal(await (await peer.open()).peer.readText(), "late");
    const plain = await peer.response({
      ":protocol": undefined,
      ":path": undefined,
      ":authority": "a:1",
    });
    assert.equal(plain.status, 405);
  });

  it("each server has its path; what is nobody's gets a 404, once", async () => {
    const http = createServer();
    const servers = [named("a"), named("b")] as const;
    servers[0].attach(http, { path: "/a" });
    const detach = servers[1].attach(http, { path: "/b" });
    const peer = await dial(await listen(http));
    assert.equal(await (await peer.open({ ":path": "/a?x" })).peer.readText(), "a");
    assert.equal(await (await peer.open({ ":path": "/b" })).peer.readText(), "b");
    assert.equal((await peer.response({ ":path": "/c" })).status, 404);
    assert.deepEqual([servers[0].stats().refused, servers[1].stats().refused], [1, 0]);
    detach();
    assert.equal((await peer.response({ ":path": "/b" })).status, 404);
    await rejectionOf(
      (async () => servers[1].attach(http, { path: "/a" }))(),
      "HAWSER_OPTION_INVALID",
    );
  });

  it("what others listen to may be theirs", async () => {
    const http = createServer();
    named("a").attach(http, { path: "/a" });
    http.on("stream", (stream, headers) => {
      if (headers[":path"] !== "/theirs") return;
      stream.respond({ ":status": 418 });
      stream.end();
    });
    const peer = await dial(await listen(http));
    assert.equal((await peer.response({ ":path": "/theirs" })).status, 418);
  });

  it("handleStream: routing of one's own", async () => {
    const http = createServer({ settings: { enableConnectProtocol: true } });
    const server = named("routed");
    http.on("stream", (...event) => server.handleStream(...event));
    const peer = await dial(await listen(http));
    assert.equal(await (await peer.open()).peer.readText(), "routed");
    http.removeAllListeners("stream");
    http.on("stream", (stream, headers) => server.handleStream(stream, headers));
    assert.equal(await (await peer.open({ cookie: "a=b" })).peer.readText(), "routed");
  });

  it("an HTTP/1.1 CONNECT to such a server ends as it did", async () => {
    const http = createSecureServer({ ...certificate, allowHTTP1: true });
    named("a").attach(http);
    const url = new URL(await listen(http));
    const { connect: connectTls } = await import("node:tls");
    const socket = connectTls({
      host: url.hostname,
      port: Number(url.port),
      ca: certificate.cert,
      ALPNProtocols: ["http/1.1"],
    });
    socket.write("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n");
    socket.resume();
    await once(socket, "close");
  });
});
