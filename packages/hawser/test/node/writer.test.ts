// The writing side of a connection, with a peer that stops reading: what `send` says, what is queued,
// and what becomes of what has no room.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { type AddressInfo, connect } from "node:net";
import { duplexPair } from "node:stream";
import { afterEach, describe, it } from "node:test";
import { type Connection, ConnectionClosedError } from "../../dist/index.js";
import { turn, within } from "../support/deferred.ts";
import { closeFrame, frame, opcodes } from "../support/frame.ts";
import type { RawPeer } from "../support/raw-peer.ts";
import { rejectionOf } from "../support/rejection.ts";
import { fill, readUpTo, slowReader } from "../support/slow-reader.ts";
import { Stage } from "../support/stage.ts";

const stage = new Stage();
const { log } = stage;
afterEach(() => stage.end());

const KiB = 1024;
const MiB = KiB * KiB;

describe("onWritten", () => {
  it("is called in the order of the messages, never before send returns", async () => {
    const { ws, peer } = await stage.pair();
    const written: unknown[] = [];
    for (const [i, message] of ["a", Buffer.alloc(100 * KiB), "b"].entries()) {
      ws.send(message, { onWritten: (error) => written.push(i, error) });
    }
    assert.deepEqual(written, []);
    for (let i = 0; i < 3; i++) await peer.readFrame();
    await turn();
    assert.deepEqual(written, [0, undefined, 1, undefined, 2, undefined]);
  });

  it("waits for a peer that does not read", async () => {
    const { ws, peer } = await slowReader(stage);
    fill(ws);
    let isWritten = false;
    ws.send("last", { onWritten: () => (isWritten = true) });
    for (let i = 0; i < 10; i++) await turn();
    assert.equal(isWritten, false);
    await readUpTo(peer, "last");
    await turn();
    assert.equal(isWritten, true);
  });

  it("gets an error when the connection ends first", async () => {
    const { ws } = await slowReader(stage);
    fill(ws);
    const told = new Promise<Error | undefined>((resolve) => {
      ws.send("lost", { onWritten: resolve });
    });
    ws.terminate();
    assert.ok((await within(told, "onWritten")) instanceof Error);
  });

  it("one that throws closes its connection as any handler does, with 1011", async () => {
    const { ws, peer } = await stage.pair({ error: (error) => log.add("error", error) });
    const thrown = new Error("mine");
    ws.send("a", {
      onWritten: () => {
        throw thrown;
      },
    });
    await peer.readFrame();
    assert.equal((await peer.readClose()).code, 1011);
    assert.deepEqual(log.all("error"), [[thrown]]);
  });
});

describe("send, drain, drained, bufferedBytes", () => {
  it("true while there is room; false from highWaterBytes on; then drain once", async () => {
    const { ws, peer } = await slowReader(stage);
    assert.equal(ws.send("small"), true);
    await ws.drained();
    fill(ws);
    assert.ok(ws.bufferedBytes >= 64 * KiB);
    assert.equal(ws.send("queued all the same"), false);
    const drained = ws.drained();
    const received = await readUpTo(peer, "queued all the same");
    assert.equal(received[0], "small");
    await within(drained, "drained");
    await ws.drained();
    assert.equal(log.count("drain"), 1);
    assert.ok((log.all("drain")[0]?.[0] as number) <= 32 * KiB);
    assert.equal(ws.bufferedBytes, 0);
    assert.equal(ws.send("again"), true);
    assert.equal(await peer.readText(), "again");
  });

  for (const highWaterBytes of [1, 100, 8 * KiB, 16 * KiB, 256 * KiB]) {
    it(`highWaterBytes of ${highWaterBytes}: drain comes`, async () => {
      const { ws, peer } = await slowReader(stage, { highWaterBytes });
      fill(ws, "x".repeat(Math.min(highWaterBytes, 64 * KiB)));
      const drained = ws.drained();
      peer.socket.resume();
      await within(drained, "drained", 5_000);
      assert.equal(log.count("drain"), 1);
    });
  }

  it("a queue over the mark that is written within the turn drains, too", async () => {
    const { ws } = await stage.pair({ highWaterBytes: 1 });
    assert.equal(ws.send("Hello"), false);
    await within(ws.drained(), "drained", 1_000);
    assert.equal(ws.bufferedBytes, 0);
  });

  it("bufferedBytes counts frames with their headers", async () => {
    const { ws, peer } = await stage.pair();
    ws.send("Hello");
    ws.send(Buffer.alloc(200));
    assert.equal(ws.bufferedBytes, 2 + 5 + 4 + 200);
    await peer.readText();
    assert.equal(ws.bufferedBytes, 0);
  });

  it("keeps the order of small, large, text and binary messages, and pings", async () => {
    const { ws, peer } = await slowReader(stage, { maxQueuedBytes: 64 * MiB });
    const sizes = [0, 1, 125, 126, 4096, 4097, 16_384, 65_535, 65_536, 70_000];
    const total = 600;
    for (let i = 0; i < total; i++) {
      const content = `${i} ${"x".repeat(sizes[i % sizes.length] as number)}`;
      ws.send(i % 3 === 0 ? Buffer.from(content) : content);
      if (i % 7 === 0) ws.ping(String(i));
      if (i % 50 === 0) await turn();
    }
    peer.socket.resume();
    for (let i = 0; i < total; i++) {
      const { opcode, payload } = await peer.readFrame();
      assert.equal(opcode, i % 3 === 0 ? opcodes.binary : opcodes.text);
      assert.equal(payload.length, `${i} `.length + (sizes[i % sizes.length] as number));
      assert.equal(Number.parseInt(payload.toString("latin1", 0, 5), 10), i);
      if (i % 7 === 0) assert.equal((await peer.readFrame()).payload.toString(), String(i));
    }
  });

  it("small messages that a stream keeps hold no more than 8 KiB, the first one included", async () => {
    const server = await stage.serve({ message: (ws, message) => void ws.send(message) });
    const [ours, theirs] = duplexPair();
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    theirs.pipe(socket).pipe(theirs);
    socket.on("error", () => theirs.destroy());
    const held: number[] = [];
    const write = ours.write.bind(ours) as (chunk: Uint8Array, ...rest: never[]) => boolean;
    ours.write = (chunk: Uint8Array, ...rest: never[]) => {
      held.push(chunk.buffer.byteLength);
      return write(chunk, ...rest);
    };
    const ws = await stage.connect(server, { createConnection: () => ours });
    held.length = 0;
    const echoes = ws[Symbol.asyncIterator]();
    for (const message of ["a", "b", "c"]) {
      ws.send(message);
      assert.equal((await echoes.next()).value, message);
    }
    assert.equal(held.length, 3);
    assert.ok(Math.max(...held) <= 8 * KiB, String(held));
  });

  it("what is sent within a turn is written at once", async () => {
    const { ws, peer } = await stage.pair();
    const chunks: number[] = [];
    peer.socket.on("data", (chunk: Buffer) => chunks.push(chunk.length));
    for (let i = 0; i < 100; i++) ws.send("Hello");
    for (let i = 0; i < 100; i++) await peer.readText();
    assert.deepEqual(chunks, [700]);
  });

  it("the peer's taking counts as life: a slow reader that says nothing is not lost", async () => {
    const { ws, peer } = await slowReader(stage, { pingIntervalMs: 60, pongTimeoutMs: 60 });
    const until = performance.now() + 400;
    while (performance.now() < until) {
      fill(ws);
      // It reads a little, and answers no ping.
      peer.socket.resume();
      await ws.drained();
      peer.socket.pause();
    }
    assert.equal(ws.state, "open");
  });
});

describe("drained() rejects", () => {
  for (const [title, end] of [
    ["on close()", (ws: Connection) => ws.close(4000)],
    ["on terminate()", (ws: Connection) => ws.terminate()],
    ["when the peer resets", (_: Connection, peer: RawPeer) => peer.reset()],
  ] as [string, (ws: Connection, peer: RawPeer) => void][]) {
    it(title, async () => {
      const { ws, peer } = await slowReader(stage, { closeTimeoutMs: 50 });
      fill(ws);
      const drained = rejectionOf(ws.drained(), "HAWSER_CONNECTION_CLOSED");
      end(ws, peer);
      const error = await within(drained, "the rejection", 2_000);
      assert.ok(error instanceof ConnectionClosedError);
      assert.equal(error.closeCode, 1006);
      await rejectionOf(ws.drained(), "HAWSER_CONNECTION_CLOSED");
      assert.equal(log.count("drain"), 0);
    });
  }

  for (const compression of [false, true]) {
    it(`in a handler with more to do, when the peer resets, compression ${compression}`, async () => {
      const content = randomBytes(16 * 1024 * 1024);
      const server = await stage.serve({
        compression,
        maxQueuedBytes: 2 * content.length,
        async message(ws) {
          log.add("message", ws.send(content));
          await rejectionOf(ws.drained(), "HAWSER_CONNECTION_CLOSED");
        },
        close: (_ws, code) => log.add("close", code),
      });
      const extensions = "permessage-deflate";
      const peer = await stage.open(server, { "Sec-WebSocket-Extensions": extensions });
      peer.socket.pause();
      for (let i = 0; i < 3; i++) peer.send("more?");
      await log.waitFor("message");
      peer.reset();
      await log.waitFor("close");
      assert.deepEqual(log.names, ["message", "message", "message", "close"]);
      assert.deepEqual(log.all("close"), [[1006]]);
      assert.equal(server.stats().connections, 0);
    });
  }

  it("when the peer closed meanwhile, with its code", async () => {
    const { ws, peer } = await slowReader(stage, { closeTimeoutMs: 50 });
    fill(ws);
    const drained = rejectionOf<ConnectionClosedError>(ws.drained());
    peer.write(closeFrame(4001, "bye"));
    const error = await drained;
    assert.deepEqual([error.closeCode, error.reason], [4001, "bye"]);
  });
});

describe("§5.4 fragments", () => {
  it("fin: false begins a message that goes on, up to one without it", async () => {
    const { ws, peer } = await stage.pair();
    ws.send("one ", { fin: false });
    ws.send("", { fin: false });
    ws.ping("between");
    ws.send("two");
    ws.send("whole");
    const frames = [];
    for (let i = 0; i < 5; i++) frames.push(await peer.readFrame());
    assert.deepEqual(
      frames.map(({ opcode, fin, payload }) => [opcode, fin, payload.toString()]),
      [
        [opcodes.text, false, "one "],
        [opcodes.continuation, false, ""],
        [opcodes.ping, true, "between"],
        [opcodes.continuation, true, "two"],
        [opcodes.text, true, "whole"],
      ],
    );
  });

  it("binary fragments of any form", async () => {
    const { ws, peer } = await stage.pair();
    ws.send(new Uint8Array([1]), { fin: false });
    ws.send(new Uint8Array([2]).buffer);
    assert.equal((await peer.readFrame()).opcode, opcodes.binary);
    assert.equal((await peer.readFrame()).opcode, opcodes.continuation);
  });

  it("what is published meanwhile waits until the message has ended, in order, and is counted", async () => {
    const { ws, peer, server } = await stage.pair({ open: (one) => one.subscribe("all") });
    ws.send("begin", { fin: false });
    server.publish("all", "published 1");
    server.publish("all", "published 2", { key: "k" });
    assert.equal(ws.bufferedBytes, 2 + 5 + 2 * (2 + 11));
    assert.equal((await peer.readFrame()).payload.toString(), "begin");
    ws.send("end");
    assert.equal((await peer.readFrame()).payload.toString(), "end");
    assert.equal(await peer.readText(), "published 1");
    assert.equal(await peer.readText(), "published 2");
  });

  it("close() within a message", async () => {
    const { ws, peer } = await stage.pair();
    ws.send("begin", { fin: false });
    ws.close(1000);
    assert.equal(ws.send("end"), false);
    assert.equal((await peer.readFrame()).fin, false);
    assert.equal((await peer.readClose()).code, 1000);
  });

  it("arrive as one message at the other end", async () => {
    const server = await stage.serve({ message: (_ws, message) => log.add("message", message) });
    const ws = await stage.connect(server);
    for (const part of ["f", "r", "é"]) ws.send(part, { fin: false });
    ws.send("", {});
    assert.deepEqual(await log.waitFor("message"), ["fré"]);
  });

  it("a Pong goes out between fragments", async () => {
    const { ws, peer } = await stage.pair();
    ws.send("begin", { fin: false });
    await peer.readFrame();
    peer.write(frame(opcodes.ping, "now"));
    assert.equal((await peer.readFrame()).opcode, opcodes.pong);
  });
});
