// What is queued, counted and told while messages are being compressed: `send`'s answer, `bufferedBytes`,
// `drain` and the limit mean the content until its frame is there, and the frame from then on.

import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { LimitError } from "../../dist/index.js";
import { inflatedText } from "../support/compressed.ts";
import { within } from "../support/deferred.ts";
import { frame, opcodes } from "../support/frame.ts";
import { fill, slowReader } from "../support/slow-reader.ts";
import { Stage } from "../support/stage.ts";

const KiB = 1024;
const stage = new Stage();
const { log } = stage;
afterEach(() => stage.end());

const fields = { "Sec-WebSocket-Extensions": "permessage-deflate" };
/** Compressed in zlib's threads, to less than 1 KiB. */
const large = "x".repeat(60 * KiB);
const small = "y".repeat(2_000);

for (const mode of ["shared", "dedicated"] as const) {
  const compression = { mode };

  describe(`what waits to be compressed, ${mode}`, () => {
    it("counts in bufferedBytes with its content, then with its frame, then no more", async () => {
      const { ws, peer } = await stage.pair({ compression }, fields);
      ws.send(large);
      assert.equal(ws.bufferedBytes, large.length);
      ws.send(small);
      ws.send("é");
      assert.equal(ws.bufferedBytes, large.length + small.length + 2);
      for (const message of [large, small]) {
        const sent = await peer.readFrame();
        assert.equal(sent.rsv, 4);
        if (mode === "shared") assert.equal(inflatedText(sent), message);
      }
      assert.equal(await peer.readText(), "é");
      assert.equal(ws.bufferedBytes, 0);
    });

    it("a small message that is compressed at once counts as its frame", async () => {
      const { ws, peer } = await stage.pair({ compression }, fields);
      assert.equal(ws.send(small), true);
      const queued = ws.bufferedBytes;
      const { payload } = await peer.readFrame();
      assert.equal(queued, payload.length + 2);
      assert.equal(ws.stats.bytesSent, queued);
    });

    it("send() says false at the high-water mark; drain and drained() come once all is out", async () => {
      const { ws, peer } = await stage.pair(
        { compression, drain: (one) => log.add("drain", one.bufferedBytes) },
        fields,
      );
      assert.equal(ws.send(large), true);
      assert.equal(ws.send(large), false, "120 KiB wait, of 64");
      await within(ws.drained(), "drained()");
      assert.deepEqual(log.all("drain"), [[0]]);
      for (let i = 0; i < 2; i++) assert.equal((await peer.readFrame()).rsv, 4);
      assert.equal(ws.send(small), true);
    });

    it("drained() of a queue that is over the mark again and again", async () => {
      const { ws, peer } = await stage.pair({ compression, highWaterBytes: 1 }, fields);
      for (let i = 0; i < 50; i++) {
        assert.equal(ws.send(i % 2 === 0 ? large : small), false);
        await within(ws.drained(), "drained()");
        await peer.readFrame();
      }
    });

    it("pings and pongs don't wait", async () => {
      const { ws, peer } = await stage.pair({ compression }, fields);
      ws.send(large);
      ws.ping("first");
      assert.equal((await peer.readFrame()).opcode, opcodes.ping);
      assert.equal((await peer.readFrame()).rsv, 4);
      ws.send(large);
      peer.write(frame(opcodes.ping, "you?"));
      const order = [await peer.readFrame(), await peer.readFrame()].map(({ opcode }) => opcode);
      assert.deepEqual(new Set(order), new Set([opcodes.text, opcodes.pong]));
    });

    it("maxQueuedBytes: more content than that closes with 1013", async () => {
      const { ws, peer } = await slowReader(
        stage,
        { compression, maxQueuedBytes: 100 * KiB },
        fields,
      );
      assert.equal(ws.send(large), true);
      assert.equal(ws.send(large), false);
      const [error] = await log.waitFor("error");
      assert.ok(error instanceof LimitError);
      assert.deepEqual(
        [error.code, error.limit, error.actual],
        ["HAWSER_QUEUE_FULL", 100 * KiB, 120 * KiB],
      );
      peer.socket.resume();
      assert.equal((await peer.readFrame()).rsv, 4, "what was taken before goes out");
      assert.equal((await peer.readClose()).code, 1013);
    });

    it("maxQueuedBytes: what compresses well fits, once it is compressed", async () => {
      const { ws, peer } = await slowReader(
        stage,
        { compression, maxQueuedBytes: 300 * KiB, overflow: "drop" },
        fields,
      );
      fill(ws);
      let sent = 0;
      // A thousand times 2,000 bytes: each is a small frame as soon as it is sent.
      for (; sent < 1_000 && ws.bufferedBytes < 250 * KiB; sent++) ws.send(small);
      assert.equal(sent, 1_000);
      assert.equal(stage.servers[0]?.stats().messagesDropped, 0);
      assert.equal(ws.state, "open");
      peer.destroy();
    });

    it('overflow "drop": a message that finds no room is dropped, and the context still fits', async () => {
      const { ws, peer } = await stage.pair(
        { compression, maxQueuedBytes: 100 * KiB, overflow: "drop" },
        fields,
      );
      assert.equal(ws.send(large), true);
      assert.equal(ws.send(large), false);
      await ws.drained();
      ws.send(small);
      const frames = [await peer.readFrame(), await peer.readFrame()];
      assert.deepEqual(
        frames.map(({ rsv }) => rsv),
        [4, 4],
      );
      assert.equal(stage.servers[0]?.stats().messagesDropped, 1);
    });

    it("one message that is larger than maxQueuedBytes goes through when nothing waits", async () => {
      const { ws, peer } = await stage.pair({ compression, maxQueuedBytes: 10 * KiB }, fields);
      ws.send(large);
      assert.equal((await peer.readFrame()).rsv, 4);
      assert.equal(ws.state, "open");
    });

    it("a keyed message is sent plain: it can be replaced only as a frame of its own", async () => {
      const { ws, peer } = await stage.pair({ compression, overflow: "latest" }, fields);
      ws.send(small, { key: "k" });
      ws.send(small);
      const frames = [await peer.readFrame(), await peer.readFrame()];
      assert.deepEqual(
        frames.map(({ rsv }) => rsv),
        [0, 4],
      );
    });

    it("a key that the policy has no use for changes nothing", async () => {
      const { ws, peer } = await stage.pair({ compression }, fields);
      ws.send(small, { key: "k" });
      assert.equal((await peer.readFrame()).rsv, 4);
    });
  });
}
