// One subscriber of a topic stops reading. Each overflow policy bounds what is queued for it, and the
// others hardly notice: the same publications with and without it in the topic, by turns, so that a
// busy machine slows both alike.

import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, describe, it, type TestContext } from "node:test";
import {
  type Connection,
  LimitError,
  type OverflowPolicy,
  type Server,
  serve,
} from "../../dist/index.js";
import { EventLog } from "../support/event-log.ts";
import { closeFrame } from "../support/frame.ts";
import { eventually, memoryInUse } from "../support/memory.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { median, percentile, Swarm } from "./swarm.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const maxQueuedBytes = 256 * KiB;
/** For a slow reader that reads no Close frame either; and for one that reads on. */
const closeTimeoutMs = { silent: 500, readingOn: 5_000 };
/** A publication to all: 1 KiB on the wire. */
const padding = "x".repeat(KiB - 40);
/** What there is room for when the slow reader is subscribed: it is at its limit soon after. */
const roomBytes = 8 * KiB;
const maxPublications = 50;
/** Far more than is allowed to stay: what a server without a limit would hold in the end. */
const floodBytes = 96 * MiB;
const floodText = "y".repeat(4 * KiB);
/** What the process may grow by besides the queue, because the collector has not come by yet. */
const slackBytes = 32 * MiB;

interface SlowReader {
  readonly ws: Connection;
  readonly peer: RawPeer;
  /** How many texts are on the way to it from before it was subscribed. */
  readonly fillings: number;
}

/** A server with so many that read, and one that does not. */
class Scene {
  readonly log = new EventLog();
  readonly server: Server;
  readonly #swarm: Swarm;
  #published = 0;
  #slow!: Connection;

  static async start(
    overflow: OverflowPolicy,
    readers: number,
    closing: keyof typeof closeTimeoutMs = "silent",
  ): Promise<Scene> {
    let scene: Scene | undefined;
    const server = await serve({
      hostname: "127.0.0.1",
      overflow,
      maxQueuedBytes,
      closeTimeoutMs: closeTimeoutMs[closing],
      open(ws, request) {
        if (request.headers["x-slow"] === undefined) ws.subscribe("news");
        else if (scene !== undefined) scene.#slow = ws;
      },
      close: (ws, code) => scene?.log.add("close", code, ws === scene.#slow),
      error: (error) => scene?.log.add("error", error),
    });
    const { port } = server.address() as AddressInfo;
    scene = new Scene(server, await Swarm.join(port, readers, 2));
    return scene;
  }

  private constructor(server: Server, swarm: Swarm) {
    this.server = server;
    this.#swarm = swarm;
  }

  /** A reader that stops, with the system's buffers full and only `roomBytes` left in its queue. */
  async stopReader(): Promise<SlowReader> {
    const { port } = this.server.address() as AddressInfo;
    const peer = await RawPeer.open({ port, host: "127.0.0.1" }, { "X-Slow": "yes" });
    peer.socket.pause();
    const ws = this.#slow;
    let fillings = 0;
    const fillTo = (queuedBytes: number, step: number): number => {
      let added = 0;
      for (; ws.bufferedBytes + step < queuedBytes; added++) ws.send("f".repeat(step));
      fillings += added;
      return added;
    };
    let quietLooks = 0;
    await eventually(() => {
      quietLooks = fillTo(maxQueuedBytes / 2, 16 * KiB) === 0 ? quietLooks + 1 : 0;
      return quietLooks < 20 ? "the system's buffers still take more" : undefined;
    }, 10_000);
    fillTo(maxQueuedBytes - roomBytes, KiB);
    return { ws, peer, fillings };
  }

  /** Publishes to all that read; resolves with the 99th percentile of what they waited, in ms. */
  async publish(key?: string): Promise<number> {
    const options = key === undefined ? {} : { key };
    const latencies = await this.#swarm.latencies(
      ++this.#published,
      (message) => void this.server.publish("news", message + padding, options),
    );
    return percentile(latencies, 0.99);
  }

  /** The number of the last publication. */
  get published(): number {
    return this.#published;
  }

  /** By turns without and with the slow reader, until enough was measured. */
  async compare(
    slow: SlowReader,
    t: TestContext,
    isEnough: (pairs: number) => boolean,
  ): Promise<void> {
    const { ws } = slow;
    const without: number[] = [];
    const withIt: number[] = [];
    const key = "the same";
    while (!isEnough(withIt.length)) {
      assert.ok(withIt.length < maxPublications, "the limit has to come some time");
      without.push(await this.publish(key));
      ws.subscribe("news");
      withIt.push(await this.publish(key));
      ws.unsubscribe("news");
      assert.ok(ws.bufferedBytes <= maxQueuedBytes, `${ws.bufferedBytes} bytes queued`);
    }
    const p99 = { without: median(without), withIt: median(withIt) };
    t.diagnostic(
      `p99, median of ${withIt.length}: ${p99.without.toFixed(1)} ms without it, ${p99.withIt.toFixed(1)} ms with it`,
    );
    assert.ok(p99.withIt < 2 * p99.without, "the others' p99 stays under 2x");
  }

  /** Offers the slow reader 96 MiB more. The process grows by its queue at most. */
  flood({ ws }: SlowReader, t: TestContext): void {
    const key = "flood";
    ws.subscribe("flood");
    memoryInUse();
    const base = process.memoryUsage.rss();
    for (let offered = 0; offered < floodBytes; offered += floodText.length) {
      this.server.publish("flood", floodText, { key });
      assert.ok(ws.bufferedBytes <= maxQueuedBytes);
      if (offered % (8 * MiB) === 0) memoryInUse();
    }
    const grown = process.memoryUsage.rss() - base;
    t.diagnostic(
      `${(grown / MiB).toFixed(1)} MiB more memory after ${floodBytes / MiB} MiB for it`,
    );
    assert.ok(grown < maxQueuedBytes + slackBytes, `${grown} bytes more`);
  }

  /** Nobody but the slow reader was closed, and everybody leaves in order. */
  async end(): Promise<void> {
    assert.equal(this.#swarm.lost, 0);
    await this.#swarm.leave();
  }

  async close(): Promise<void> {
    await this.#swarm.end();
    await this.server.close({ timeoutMs: 1_000 });
  }
}

/** Reads on: the first words of what it gets, up to `last`, without the fillings. */
async function readOn({ peer, fillings }: SlowReader, last: string): Promise<string[]> {
  peer.socket.resume();
  for (let i = 0; i < fillings; i++) assert.equal((await peer.readText())[0], "f");
  const words: string[] = [];
  while (words.at(-1) !== last) words.push((await peer.readText()).split(" ", 1)[0] as string);
  return words;
}

describe('fault: one slow reader among 10,000 in a topic, overflow "close"', () => {
  let scene: Scene;
  before(async () => {
    scene = await Scene.start("close", 10_000);
  });
  after(() => scene.close());

  it("is closed at its limit; the others' p99 stays under 2x; memory is bounded", async (t) => {
    const { log } = scene;
    const slow = await scene.stopReader();
    for (let i = 0; i < 3; i++) await scene.publish();
    await scene.compare(slow, t, () => log.count("error") > 0);
    const [error] = (await log.waitFor("error")) as [LimitError];
    assert.ok(error instanceof LimitError);
    assert.equal(error.code, "HAWSER_QUEUE_FULL");
    assert.equal(error.limit, maxQueuedBytes);
    scene.flood(slow, t);
    // It reads no Close frame, so that it is cut off after closeTimeoutMs.
    await log.waitFor("close");
    assert.equal(slow.ws.bufferedBytes, 0);
    assert.equal(scene.server.stats().connections, 10_000);
    await scene.publish();
    await scene.end();
    assert.deepEqual(
      log.all("close").filter(([, isSlow]) => isSlow),
      [[1006, true]],
    );
    slow.peer.destroy();
  });
});

describe("fault: one slow reader among 500 in a topic", () => {
  let scene: Scene;
  async function set(overflow: OverflowPolicy, closing?: "readingOn"): Promise<SlowReader> {
    scene = await Scene.start(overflow, 500, closing);
    const slow = await scene.stopReader();
    for (let i = 0; i < 5; i++) await scene.publish();
    return slow;
  }
  afterEach(() => scene.close());

  it('"drop": misses what does not fit, stays, and gets the next when it reads again', async (t) => {
    const slow = await set("drop");
    const first = scene.published + 2;
    await scene.compare(slow, t, (pairs) => pairs === 31);
    const last = scene.published;
    const fitted = 31 - scene.server.stats().messagesDropped;
    assert.ok(fitted >= 1 && fitted <= roomBytes / KiB, `${fitted} fitted`);
    scene.flood(slow, t);
    slow.ws.unsubscribe("flood");
    const reading = readOn(slow, "again");
    await eventually(() => (slow.ws.bufferedBytes > 0 ? "still queued" : undefined), 10_000);
    slow.ws.send("again");
    // Every second publication was for it; of those the oldest, without a gap.
    const expected = Array.from({ length: fitted }, (_, i) => String(first + 2 * i));
    assert.deepEqual(await reading, [...expected, "again"]);
    assert.ok(Number(expected.at(-1)) < last);
    assert.deepEqual(scene.log.names, []);
    await scene.end();
    slow.peer.destroy();
  });

  it('"latest": has only the newest of each key waiting, and gets that when it reads again', async (t) => {
    const slow = await set("latest");
    await scene.compare(slow, t, (pairs) => pairs === 31);
    const last = String(scene.published);
    scene.flood(slow, t);
    assert.ok(slow.ws.bufferedBytes > 0);
    slow.ws.send("again");
    assert.deepEqual(await readOn(slow, "again"), [last, floodText, "again"]);
    assert.deepEqual(scene.log.names, []);
    await scene.end();
    slow.peer.destroy();
  });

  it('"latest": is closed when what replaces grows beyond the limit', async () => {
    const slow = await set("latest");
    const keys = ["a", "b", "c", "d"];
    for (const key of keys) slow.ws.send("small", { key });
    assert.equal(slow.ws.state, "open");
    for (const key of keys) {
      slow.ws.send("z".repeat(64 * KiB), { key });
      assert.ok(
        slow.ws.bufferedBytes <= maxQueuedBytes + 64,
        `${slow.ws.bufferedBytes} bytes queued`,
      );
    }
    assert.equal(slow.ws.state, "closing");
    await scene.log.waitFor("close");
    await scene.end();
    slow.peer.destroy();
  });

  it('"close": gets what was accepted, in order, and then 1013, when it reads on in time', async () => {
    const slow = await set("close", "readingOn");
    const first = scene.published + 1;
    slow.ws.subscribe("news");
    while (scene.log.count("error") === 0) {
      assert.ok(scene.published < maxPublications, "the limit has to come some time");
      await scene.publish();
    }
    // All publications but the one for which there was no room.
    const last = scene.published - 1;
    const expected = Array.from({ length: last - first + 1 }, (_, i) => String(first + i));
    assert.deepEqual(await readOn(slow, String(last)), expected);
    const { code, reason } = await slow.peer.readClose();
    assert.deepEqual({ code, reason }, { code: 1013, reason: "reading too slowly" });
    slow.peer.write(closeFrame(1013));
    await slow.peer.finish();
    assert.deepEqual(await scene.log.waitFor("close"), [1013, true]);
    await scene.end();
  });
});
