// What WebSocketStream has beyond the standard: the third argument, and the reasons of its errors.

import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { HandshakeError, ProtocolError, UsageError, WebSocketStream } from "../../dist/index.js";
import { within } from "../support/deferred.ts";
import { frame, opcodes } from "../support/frame.ts";
import { accepting, RawServer } from "../support/raw-server.ts";
import { rejectionOf } from "../support/rejection.ts";

const servers: RawServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function listen(...answer: Parameters<typeof RawServer.listen>): Promise<RawServer> {
  const server = await RawServer.listen(...answer);
  servers.push(server);
  return server;
}

describe("WebSocketStream", () => {
  it("headers of the third argument go into the request", async () => {
    const server = await listen(accepting());
    const wss = new WebSocketStream(server.url, {}, { headers: { "X-Test": "1" } });
    await wss.opened;
    assert.match(server.requests[0] ?? "", /^X-Test: 1\r$/m);
    wss.close();
  });

  it("a wrong extra is a UsageError at once", () => {
    assert.throws(() => new WebSocketStream("ws://x", {}, { maxMessageBytes: -1 }), UsageError);
  });

  it("the cause of a WebSocketError is what went wrong, which error is told as well", async () => {
    const told: unknown[] = [];
    const error = (one: unknown): void => void told.push(one);
    const refusing = await listen((peer) =>
      peer.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"),
    );
    const refused = new WebSocketStream(refusing.url, {}, { error });
    const { cause } = await rejectionOf<Error>(refused.opened);
    assert.ok(cause instanceof HandshakeError);
    assert.equal(cause.status, 403);

    const breaking = await listen(async (peer, request) => {
      await accepting({}, frame(3, "", { masked: false }))(peer, request);
      await peer.waitForEnd();
      peer.socket.end();
    });
    const broken = new WebSocketStream(breaking.url, {}, { error });
    const failure = await rejectionOf<Error>(broken.closed);
    assert.ok(failure.cause instanceof ProtocolError);
    assert.deepEqual(told, [cause, failure.cause]);
  });

  it("a peer that does not answer the Close frame: 1006, and the writable's close rejects", async () => {
    const server = await listen(accepting());
    const wss = new WebSocketStream(server.url, {}, { closeTimeoutMs: 50 });
    const { writable } = await wss.opened;
    await assert.rejects(writable.close(), { name: "WebSocketError" });
    await assert.rejects(wss.closed, { name: "WebSocketError", closeCode: 1006 });
  });

  it("close() with messages that nobody reads: they are dropped, the handshake goes on", async () => {
    const server = await listen(async (peer, request) => {
      const message = frame(opcodes.binary, Buffer.alloc(60_000), { masked: false });
      await accepting({}, Buffer.concat(Array<Buffer>(20).fill(message)))(peer, request);
      const { opcode, payload } = await peer.readFrame();
      peer.write(frame(opcode, payload, { masked: false }));
      peer.socket.end();
    });
    const wss = new WebSocketStream(server.url);
    const { readable } = await wss.opened;
    const reader = readable.getReader();
    await reader.read();
    wss.close({ closeCode: 3000 });
    assert.deepEqual(await within(wss.closed, "closed"), { closeCode: 3000, reason: "" });
  });

  it("aborting the writable does not wait for a write that the peer does not take", async () => {
    const server = await listen(async (peer, request) => {
      await accepting()(peer, request);
      peer.socket.pause();
    });
    const wss = new WebSocketStream(server.url, {}, { closeTimeoutMs: 50 });
    const { writable } = await wss.opened;
    const writer = writable.getWriter();
    writer.closed.catch(() => undefined);
    const writes = Array.from({ length: 32 }, () =>
      writer.write(new Uint8Array(1024 * 1024)).catch(() => undefined),
    );
    await within(writer.abort(), "abort");
    await within(Promise.all(writes), "the writes");
    await assert.rejects(wss.closed, { name: "WebSocketError" });
  });

  it("a write that waits for a peer rejects when the connection is lost", async () => {
    const server = await listen(async (peer, request) => {
      await accepting()(peer, request);
      peer.socket.pause();
    });
    const wss = new WebSocketStream(server.url);
    const { writable } = await wss.opened;
    const writer = writable.getWriter();
    for (const promise of [writer.closed, writer.ready]) promise.catch(() => undefined);
    // More than the buffers of the system take.
    const write = writer.write(new Uint8Array(64 * 1024 * 1024));
    write.catch(() => undefined);
    server.peers[0]?.reset();
    await assert.rejects(within(write, "the write"), { name: "WebSocketError", closeCode: 1006 });
    await assert.rejects(wss.closed, { name: "WebSocketError", closeCode: 1006 });
  });
});
