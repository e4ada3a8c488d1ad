// http-proxy between a client and a server that are both on ws: the 101 and all frames pass through its
// sockets, so the server sees `x-forwarded-…` headers and a head that may come with the handshake.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import httpProxy from "http-proxy";
import { close, listen, wsOf } from "./support.mjs";

const WebSocket = wsOf("ws");

describe("http-proxy", { timeout: 30_000 }, () => {
  let http;
  let wss;
  let proxy;
  let port;

  before(async () => {
    http = createServer();
    wss = new WebSocket.Server({ server: http, perMessageDeflate: true, path: "/socket" });
    proxy = httpProxy.createProxyServer({
      target: `http://127.0.0.1:${await listen(http)}`,
      ws: true,
      xfwd: true,
    });
    proxy.on("error", (_error, _request, socket) => socket.end());
    proxy.listen(0, "127.0.0.1");
    ({ port } = await new Promise((resolve) => {
      const server = proxy._server;
      server.once("listening", () => resolve(server.address()));
    }));
  });
  after(async () => {
    await new Promise((resolve) => proxy.close(resolve));
    wss.close();
    await close(http);
  });

  const connect = (path, ...options) => new WebSocket(`ws://127.0.0.1:${port}${path}`, ...options);

  it("passes the handshake with subprotocol and compression, and echoes through", async () => {
    wss.once("connection", (socket) => {
      socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
    const connection = once(wss, "connection");
    const client = connect("/socket", ["chat"]);
    await once(client, "open");
    const [, request] = await connection;
    assert.equal(client.protocol, "chat");
    assert.equal(client.extensions, "permessage-deflate");
    assert.equal(request.headers["x-forwarded-proto"], "ws");

    for (const size of [0, 1, 1000, 1_000_000]) {
      const message = once(client, "message");
      const sent = Buffer.alloc(size, "0123456789");
      client.send(sent);
      assert.ok((await message)[0].equals(sent), `${size} bytes`);
    }
    client.close(4000, "done");
    assert.equal((await once(client, "close"))[0], 4000);
  });

  it("passes what the server sends in the same turn as the 101, and its Close frame", async () => {
    wss.once("connection", (socket) => {
      socket.send("at once");
      socket.close(4001, "and gone");
    });
    const client = connect("/socket");
    const [[data], [code, reason]] = await Promise.all([
      once(client, "message"),
      once(client, "close"),
    ]);
    assert.equal(String(data), "at once");
    assert.deepEqual([code, String(reason)], [4001, "and gone"]);
  });

  it("passes a refusal", async () => {
    const [error] = await once(connect("/elsewhere"), "error");
    assert.equal(error.message, "Unexpected server response: 400");
  });

  it("tells the server that the client is lost", async () => {
    const connection = once(wss, "connection");
    const client = connect("/socket");
    await once(client, "open");
    const [socket] = await connection;
    const closed = once(socket, "close");
    client.terminate();
    assert.equal((await closed)[0], 1006);
  });
});
