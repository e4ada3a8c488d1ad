// What becomes of messages that have no room, because the peer reads too slowly: the three overflow
// policies, on real sockets whose peer stops reading.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { afterEach, describe, it } from "node:test";
import { type Connection, LimitError } from "../../dist/index.js";
import { deferred, within } from "../support/deferred.ts";
import { closeFrame } from "../support/frame.ts";
import { fill, readUpTo, slowReader } from "../support/slow-reader.ts";
import { Stage } from "../support/stage.ts";

const stage = new Stage();
const { log } = stage;
afterEach(() => stage.end());

const KiB = 1024;

describe('overflow "close", the default', () => {
  it("past maxQueuedBytes: 1013 behind what is queued, a LimitError, and send says false", async () => {
    const { ws, peer } = await slowReader(stage, {
      maxQueuedBytes: 256 * KiB,
      highWaterBytes: 128 * KiB,
    });
    fill(ws);
    while (ws.state === "open") ws.send("y".repeat(64 * KiB));
    assert.ok(ws.bufferedBytes <= 256 * KiB + 100);
    assert.equal(ws.send("more"), false);
    const [error] = await log.waitFor("error");
    assert.ok(error instanceof LimitError);
    assert.deepEqual(
      [error.code, error.limit, error.closeCode],
      ["HAWSER_QUEUE_FULL", 256 * KiB, 1013],
    );
    assert.ok(error.actual > error.limit);
    peer.socket.resume();
    const close = await peer.readClose();
    assert.deepEqual([close.code, close.reason], [1013, "reading too slowly"]);
    peer.write(closeFrame(1013));
    await peer.finish();
    assert.equal((await ws.closed).error, error);
    assert.equal(log.count("error"), 1);
  });

  it("up to maxQueuedBytes, to the byte: what fills the queue is taken, one byte more is not", async () => {
    for (const more of [0, 1]) {
      const maxQueuedBytes = 256 * KiB;
      const { ws } = await slowReader(stage, { maxQueuedBytes, highWaterBytes: 128 * KiB });
      fill(ws);
      const left = maxQueuedBytes - ws.bufferedBytes;
      ws.send(Buffer.alloc(left + more));
      assert.equal(ws.state, more === 0 ? "open" : "closing");
    }
  });

  it("a peer that goes on not reading is destroyed after closeTimeoutMs", async () => {
    const { ws } = await slowReader(stage, { maxQueuedBytes: 128 * KiB, closeTimeoutMs: 50 });
    while (ws.state === "open") ws.send("y".repeat(64 * KiB));
    assert.equal((await within(ws.closed, "closed", 1_000)).code, 1006);
    assert.equal(ws.bufferedBytes, 0);
  });

  it("one message that is larger is let through when nothing else is queued", async () => {
    const { ws, peer } = await stage.pair({ maxQueuedBytes: 1000 });
    const large = "z".repeat(100_000);
    ws.send(large);
    assert.equal(await peer.readText(), large);
    assert.equal(ws.state, "open");
  });

  it("a burst that the operating system takes is no overflow", async () => {
    const { ws, peer } = await stage.pair({ maxQueuedBytes: 64 * KiB });
    for (let i = 0; i < 1_000; i++) ws.send("x".repeat(1_000));
    for (let i = 0; i < 1_000; i++) await peer.readText();
    assert.equal(ws.state, "open");
  });

  it("also for what topics publish", async () => {
    const { ws } = await slowReader(stage, {
      maxQueuedBytes: 128 * KiB,
      open: (one) => one.subscribe("all"),
    });
    const server = stage.servers[0];
    for (let i = 0; i < 1_000 && ws.state === "open"; i++) {
      server?.publish("all", "x".repeat(64 * KiB));
    }
    assert.equal(ws.state, "closing");
    assert.ok(ws.bufferedBytes <= 128 * KiB + 100);
  });
});

describe('overflow "drop"', () => {
  const options = { overflow: "drop", maxQueuedBytes: 256 * KiB } as const;

  it("what has no room is dropped and counted; what comes later is sent", async () => {
    const { ws, peer } = await slowReader(stage, options);
    const queued = fill(ws, `queued ${"x".repeat(64 * KiB)}`);
    let dropped = 0;
    const before = ws.stats.messagesSent;
    for (let i = 0; i < 50; i++) if (!ws.send(`late ${i} ${"x".repeat(64 * KiB)}`)) dropped++;
    assert.ok(ws.bufferedBytes <= 256 * KiB);
    assert.equal(ws.state, "open");
    assert.ok(dropped >= 45, `${dropped}`);
    const [server] = stage.servers;
    const { messagesDropped } = server?.stats() ?? { messagesDropped: 0 };
    assert.equal(ws.stats.messagesSent - before, 50 - messagesDropped);
    const drained = ws.drained();
    peer.socket.resume();
    await within(drained, "drained");
    assert.equal(ws.send("after"), true);
    const received = await readUpTo(peer, "after");
    assert.equal(received.length, queued + (50 - messagesDropped) + 1);
    assert.equal(log.count("error"), 0);
  });

  it("§5.4 parts of a message go out though publications wait for its end", async () => {
    const opened = deferred<Connection>();
    const server = await stage.serve({
      overflow: "drop",
      maxQueuedBytes: 1000,
      highWaterBytes: 500,
      open: (ws) => {
        ws.subscribe("t");
        opened.resolve(ws);
      },
    });
    const received: unknown[] = [];
    const all = deferred();
    await stage.connect(server, {
      message: (_, message) => void (received.push(message) === 6 && all.resolve()),
    });
    const ws = await opened.promise;
    ws.send("part 1, ", { fin: false });
    for (let i = 0; i < 6; i++) server.publish("t", "x".repeat(195));
    assert.equal(server.stats().messagesDropped, 1);
    ws.send("part 2");
    await within(all.promise, "the message and the five that have room behind it");
    await within(ws.drained(), "drained");
    assert.equal(received[0], "part 1, part 2");
  });

  it("a publication is dropped for the slow reader alone", async () => {
    const { ws } = await slowReader(stage, { ...options, open: (one) => one.subscribe("all") });
    const [server] = stage.servers;
    assert.ok(server !== undefined);
    const other = await stage.open(server);
    const message = "x".repeat(64 * KiB);
    for (let i = 0; i < 200; i++) {
      server.publish("all", message);
      assert.equal((await other.readText()).length, message.length);
    }
    assert.equal(ws.state, "open");
    assert.ok(server.stats().messagesDropped > 0);
    assert.ok(ws.bufferedBytes <= 256 * KiB);
  });
});

describe('overflow "latest"', () => {
  const options = { overflow: "latest", maxQueuedBytes: 256 * KiB } as const;

  it("of what has a key only the newest goes out, in the place of the oldest", async () => {
    const { ws, peer } = await slowReader(stage, options);
    fill(ws);
    for (let i = 0; i < 1_000; i++) {
      ws.send(`price ${i}`, { key: "price" });
      ws.send(Buffer.from(`${i}`), { key: "count" });
    }
    ws.send("the end");
    peer.socket.resume();
    const seen: string[] = [];
    while (seen.at(-1) !== "the end") {
      const text = (await peer.readFrame()).payload.toString();
      if (!text.startsWith("xxx")) seen.push(text);
    }
    assert.deepEqual(seen, ["price 999", "999", "the end"]);
  });

  it("replacing goes on past the limit, and counts what it drops", async () => {
    const { ws, peer } = await slowReader(stage, options);
    fill(ws);
    ws.send(`value start ${"x".repeat(1_000)}`, { key: "value" });
    while (ws.bufferedBytes < 255 * KiB) ws.send("y".repeat(500));
    for (let i = 0; i < 100; i++) {
      ws.send(`value ${i} ${"x".repeat(1_000)}`, { key: "value" });
      assert.ok(ws.bufferedBytes <= 256 * KiB);
    }
    assert.equal(ws.state, "open");
    const [server] = stage.servers;
    assert.ok((server?.stats().messagesDropped ?? 0) >= 90);
    peer.socket.resume();
    for (;;) {
      const text = await peer.readText();
      if (!text.startsWith("value")) continue;
      assert.match(text, /^value 99 /);
      break;
    }
  });

  it("without a key it acts as close", async () => {
    const { ws } = await slowReader(stage, { ...options, closeTimeoutMs: 50 });
    while (ws.state === "open") ws.send("x".repeat(64 * KiB));
    const [error] = await log.waitFor("error");
    assert.equal((error as LimitError).code, "HAWSER_QUEUE_FULL");
  });

  it("for publications with a key", async () => {
    const { ws, peer } = await slowReader(stage, {
      ...options,
      open: (one) => one.subscribe("all"),
    });
    const [server] = stage.servers;
    fill(ws);
    for (let i = 0; i < 1_000; i++) server?.publish("all", `state ${i}`, { key: "state" });
    assert.equal(ws.state, "open");
    const received = await readUpTo(peer, "state 999");
    assert.equal(received.filter((text) => text.startsWith("state")).length, 1);
  });

  it("a key that has been written waits no more: the next one is sent as well", async () => {
    const { ws, peer } = await stage.pair(options);
    for (let i = 0; i < 5; i++) {
      ws.send(`state ${i}`, { key: "state" });
      assert.equal(await peer.readText(), `state ${i}`);
    }
  });

  it("with the other policies a key means nothing", async () => {
    const { ws, peer } = await stage.pair();
    for (let i = 0; i < 5; i++) ws.send(`state ${i}`, { key: "state" });
    for (let i = 0; i < 5; i++) assert.equal(await peer.readText(), `state ${i}`);
  });

  it("of a client, whose frames are masked", async () => {
    const server = await stage.serve({ message: (_ws, message) => log.add("message", message) });
    const ws = await stage.connect(server, { overflow: "latest" });
    for (let i = 0; i < 100; i++) ws.send(`state ${i}`, { key: "state" });
    ws.send("end");
    await log.waitFor("message", 2);
    assert.deepEqual(log.all("message"), [["state 99"], ["end"]]);
  });
});
