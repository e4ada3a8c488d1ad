// The heartbeat alone, on a mocked timer: no connection, no waiting.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { type Beating, Heartbeat, heartbeatFor } from "../../dist/node/heartbeat.js";

class Peer implements Beating {
  silentTicks = 0;
  isDeaf = false;
  readonly seen: string[] = [];

  beat(): void {
    this.seen.push("ping");
  }

  lost(): void {
    this.seen.push("lost");
  }
}

describe("heartbeat", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setInterval"] }));
  afterEach(() => mock.timers.reset());

  /** When the ping goes out and when the peer is given up, in milliseconds of silence. */
  function timesOf(pingMs: number, pongMs: number): { ping: number; lost: number } {
    const heartbeat = new Heartbeat(pingMs, pongMs);
    const peer = new Peer();
    const peers = new Set([peer]);
    heartbeat.watch(peers);
    const times = { ping: 0, lost: 0 };
    for (let now = 1; times.lost === 0; now++) {
      mock.timers.tick(1);
      if (times.ping === 0 && peer.seen.includes("ping")) times.ping = now;
      if (peer.seen.includes("lost")) times.lost = now;
    }
    peers.clear();
    heartbeat.left(peers);
    return times;
  }

  for (const [pingMs, pongMs] of [
    [25_000, 8000],
    [1000, 2900],
    [400, 200],
    [100, 100],
    [10, 3],
    [1, 1],
  ] as const) {
    it(`ping after ${pingMs} ms, pong within ${pongMs} ms: both are kept`, () => {
      const { ping, lost } = timesOf(pingMs, pongMs);
      assert.ok(ping <= pingMs, `the ping came after ${ping} ms`);
      assert.ok(lost - ping >= pongMs, `only ${lost - ping} ms were left for the pong`);
      // The tick is rounded up to a millisecond, so that much may be added per tick.
      assert.ok(lost <= pingMs + pongMs + 20, `found after ${lost} ms`);
    });
  }

  it("any byte counts as life", () => {
    const heartbeat = new Heartbeat(400, 200);
    const peer = new Peer();
    const peers = new Set([peer]);
    heartbeat.watch(peers);
    for (let i = 0; i < 100; i++) {
      mock.timers.tick(100);
      peer.silentTicks = 0;
    }
    assert.deepEqual(peer.seen, []);
    peers.clear();
    heartbeat.left(peers);
  });

  it("pings once, and once again after the next silence", () => {
    const heartbeat = new Heartbeat(400, 200);
    const peer = new Peer();
    const peers = new Set([peer]);
    heartbeat.watch(peers);
    for (let round = 0; round < 3; round++) {
      mock.timers.tick(400);
      peer.silentTicks = 0;
    }
    assert.deepEqual(peer.seen, ["ping", "ping", "ping"]);
    peers.clear();
    heartbeat.left(peers);
  });

  it("silence means nothing while we don't read", () => {
    const heartbeat = new Heartbeat(400, 200);
    const peer = new Peer();
    const peers = new Set([peer]);
    peer.isDeaf = true;
    heartbeat.watch(peers);
    mock.timers.tick(10_000);
    // It is pinged all the same: the answer to a ping may be a reset.
    assert.ok(peer.seen.length > 10 && !peer.seen.includes("lost"));
    peers.clear();
    heartbeat.left(peers);
  });

  it("looks after all who are in the group at the time, until it is empty", () => {
    const heartbeat = new Heartbeat(400, 200);
    const [early, late] = [new Peer(), new Peer()];
    const group = new Set([early]);
    heartbeat.watch(group);
    mock.timers.tick(200);
    group.add(late);
    heartbeat.watch(group);
    mock.timers.tick(200);
    assert.deepEqual([early.seen, late.seen], [["ping"], []]);
    group.delete(early);
    heartbeat.left(group);
    mock.timers.tick(200);
    assert.deepEqual([early.seen, late.seen], [["ping"], ["ping"]]);
    group.clear();
    heartbeat.left(group);
  });

  it("looks after several groups", () => {
    const heartbeat = new Heartbeat(400, 200);
    const [one, other] = [new Peer(), new Peer()];
    const [group, otherGroup] = [new Set([one]), new Set([other])];
    heartbeat.watch(group);
    heartbeat.watch(otherGroup);
    group.clear();
    heartbeat.left(group);
    mock.timers.tick(400);
    assert.deepEqual([one.seen, other.seen], [[], ["ping"]]);
    otherGroup.clear();
    heartbeat.left(otherGroup);
  });

  it("has no timer while it has no connection", () => {
    const heartbeat = new Heartbeat(400, 200);
    const [first, second] = [new Peer(), new Peer()];
    const group = new Set([first]);
    heartbeat.watch(group);
    group.delete(first);
    heartbeat.left(group);
    group.add(second);
    mock.timers.tick(1000);
    assert.deepEqual([first.seen, second.seen], [[], []]);
    heartbeat.watch(group);
    mock.timers.tick(400);
    assert.deepEqual(second.seen, ["ping"]);
    group.clear();
    heartbeat.left(group);
  });

  it("is shared by all with the same settings, and absent for an interval of 0", () => {
    assert.equal(heartbeatFor(123, 45), heartbeatFor(123, 45));
    assert.notEqual(heartbeatFor(123, 45), heartbeatFor(123, 46));
    assert.equal(heartbeatFor(0, 45), undefined);
  });
});
