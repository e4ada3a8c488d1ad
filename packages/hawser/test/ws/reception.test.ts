// A server's own HTTP server: handshakes that come whole are read without Node's parser, and nobody who
// listens can tell.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, beforeEach, describe, it } from "node:test";
import { type WebSocket, WebSocketServer } from "hawser/ws";
import { deferred, within } from "../support/deferred.ts";
import { frame, opcodes } from "../support/frame.ts";
import { requestText } from "../support/http-head.ts";
import { nodeMajor } from "../support/node-version.ts";
import { RawPeer } from "../support/raw-peer.ts";

const hello = frame(opcodes.text, "hello");

describe("ws: reception of a server's own HTTP server", () => {
  let server: WebSocketServer;
  let peers: RawPeer[];

  async function start(options: object = {}): Promise<void> {
    server = new WebSocketServer({ host: "127.0.0.1", port: 0, ...options });
    await once(server, "listening");
  }

  /** Private in ws, and reached for nevertheless. */
  function http(): Server {
    return Reflect.get(server, "_server") as Server;
  }

  async function connect(): Promise<RawPeer> {
    const { port } = server.address() as AddressInfo;
    const peer = await RawPeer.connect({ host: "127.0.0.1", port });
    peers.push(peer);
    return peer;
  }

  beforeEach(() => {
    peers = [];
  });

  afterEach(() => {
    for (const client of server.clients) client.terminate();
    for (const { socket } of peers) socket.destroy();
    server.close();
  });

  for (const [how, begin] of [
    ["whole", 0],
    ["in pieces", 3],
  ] as const) {
    it(`a request that comes ${how} is Node's, and early frames are heard`, async () => {
      await start();
      const connection = once(server, "connection");
      const peer = await connect();
      const text = requestText({ "X-Extra": "1" });
      await peer.writeByteByByte(text.slice(0, begin));
      peer.write(Buffer.concat([Buffer.from(text.slice(begin)), hello]));
      const [ws, request] = (await within(connection, "a connection")) as [
        WebSocket,
        IncomingMessage,
      ];
      const [message] = (await within(once(ws, "message"), "the message")) as [Buffer];
      assert.equal(message.toString(), "hello");
      assert.equal("parser" in request.socket, how === "in pieces", "whether Node's has read it");
      assert.ok(request instanceof IncomingMessage);
      assert.equal(request.headers["x-extra"], "1");
      assert.deepEqual(request.headersDistinct["x-extra"], ["1"]);
      assert.ok(request.rawHeaders.includes("X-Extra"));
      assert.equal(request.socket, Reflect.get(ws, "_socket"));
      assert.equal(request.socket.remoteAddress, "127.0.0.1");
    });
  }

  it("whoever else listens for upgrades is told, too", async () => {
    await start();
    const upgrade = once(http(), "upgrade");
    const peer = await connect();
    peer.write(requestText());
    const [request, socket, head] = (await within(upgrade, "upgrade")) as [
      IncomingMessage,
      Socket,
      Buffer,
    ];
    assert.equal(request.socket, socket);
    assert.equal(head.length, 0);
    assert.equal((await peer.readHead()).status, 101);
  });

  it("what comes while verifyClient thinks is not lost", async () => {
    const decision = deferred<(isAccepted: boolean) => void>();
    await start({
      verifyClient: (_: unknown, decide: (isAccepted: boolean) => void) => decision.resolve(decide),
    });
    const connection = once(server, "connection");
    const peer = await connect();
    const bytes = hello.subarray(0, 5);
    peer.write(Buffer.concat([Buffer.from(requestText()), bytes]));
    const decide = await within(decision.promise, "verifyClient");
    peer.write(hello.subarray(5));
    decide(true);
    const [ws] = (await within(connection, "a connection")) as [WebSocket];
    const [message] = (await within(once(ws, "message"), "the message")) as [Buffer];
    assert.equal(message.toString(), "hello");
  });

  it("what it refuses gets ws's answer", async () => {
    await start({ path: "/chat" });
    const peer = await connect();
    peer.write(requestText());
    assert.equal((await peer.readHead()).status, 400);
  });

  it("closing, a client that has said nothing is Node's", async () => {
    await start();
    const tcp = once(http(), "connection");
    const peer = await connect();
    await within(tcp, "TCP");
    const own = http();
    server.close();
    // From Node 26 on one that has said nothing is idle, and ended.
    if (nodeMajor < 26) {
      peer.write(requestText());
      assert.equal((await peer.readHead()).status, 426);
      peer.socket.destroy();
    }
    await within(once(own, "close"), "the end");
  });
});
