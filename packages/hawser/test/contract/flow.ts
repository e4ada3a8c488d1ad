// The contract: backpressure, in both directions, and the heartbeat.

import assert from "node:assert/strict";
import { it } from "node:test";
import type { Connection } from "../../dist/index.js";
import { turn, within } from "../support/deferred.ts";
import type { Scene } from "./scene.ts";

const MiB = 1024 * 1024;
const message = Buffer.alloc(32 * 1024, "x");
/** More than all buffers on the way hold. */
const mostMessages = (64 * MiB) / message.length;

/** Sends until the sender is held back and stays so; returns how many messages it was. */
async function sendUntilFull(ws: Connection): Promise<number> {
  for (let sent = 0; sent < mostMessages; ) {
    sent++;
    if (ws.send(message)) {
      await turn();
      continue;
    }
    const drained = ws.drained().then(
      () => true,
      () => false,
    );
    // That nothing happens can only be seen by waiting.
    const isStill = new Promise<false>((resolve) => {
      setTimeout(() => resolve(false), 300);
    });
    if (!(await Promise.race([drained, isStill]))) return sent;
  }
  throw new Error(`nothing held back ${mostMessages} messages`);
}

export function flow(scene: Scene): void {
  const { log } = scene;

  for (const sender of ["server", "client"] as const) {
    it(`the ${sender} is held back by a reader that is paused, and goes on when it reads`, async () => {
      const isServer = sender === "server";
      const counting = { message: () => log.add("message") };
      const idle = { message: () => undefined };
      const { ours, theirs } = isServer
        ? await scene.pair({}, counting)
        : await scene.pair(counting, idle);
      const [from, to] = isServer ? [theirs, ours] : [ours, theirs];
      to.pause();
      const sent = await sendUntilFull(from);
      // Half of `highWaterBytes` is what it would have to come down to.
      assert.ok(from.bufferedBytes > 32 * 1024, `${from.bufferedBytes} bytes are queued`);
      assert.equal(log.count("message"), 0);
      to.resume();
      await within(from.drained(), "drain");
      await log.waitFor("message", sent, 20_000);
    });
  }

  it("past `maxQueuedBytes` a peer that does not read is closed with 1013", async () => {
    const { ours, theirs } = await scene.pair(
      { maxQueuedBytes: 256 * 1024, closeTimeoutMs: 200 },
      { message: () => undefined },
    );
    ours.pause();
    for (let i = 0; i < mostMessages && theirs.state === "open"; i++) {
      theirs.send(message);
      await turn();
    }
    const { error } = await within(theirs.closed, "the end");
    assert.equal((error as { code?: string }).code, "HAWSER_QUEUE_FULL");
  });

  it("one connection that does not read holds up no other", async () => {
    const running = await scene.start({
      open: (ws) => log.add("open", ws),
      message: (ws, text) => ws.send(text),
    });
    const slow = await scene.connect(running, { message: () => undefined });
    slow.pause();
    const [theirs] = (await log.waitFor("open")) as [Connection];
    while (theirs.send(message)) await turn();
    const ours = await scene.connect(running, { message: () => log.add("echo") });
    for (let i = 1; i <= 50; i++) {
      ours.send("hello");
      await log.waitFor("echo", i);
    }
  });

  it("§5.5.2 the heartbeat pings a peer that is silent, and finds it alive", async () => {
    const { ours } = await scene.pair(
      { pingIntervalMs: 20, pongTimeoutMs: 2_000 },
      { ping: () => log.add("ping"), message: () => undefined },
    );
    await log.waitFor("ping", 3);
    assert.equal(ours.state, "open");
  });
}
