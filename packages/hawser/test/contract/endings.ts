// The contract: how connections end, and what each end sees of it.

import assert from "node:assert/strict";
import { it } from "node:test";
import { type ConnectionClosedError, TransportError } from "../../dist/index.js";
import { within } from "../support/deferred.ts";
import { rejectionOf } from "../support/rejection.ts";
import { endOf, nextOf, type Scene } from "./scene.ts";

export function endings(scene: Scene): void {
  const { log } = scene;
  const watch = {
    close: (_ws: unknown, code: number, reason: string) => log.add("close", code, reason),
  };

  for (const [code, reason] of [
    [1000, ""],
    [1001, "going"],
    [3000, "x".repeat(123)],
    [4999, "ä€𝄞"],
  ] as const) {
    it(`§7.4 the client closes with ${code}: both see it`, async () => {
      const { ours } = await scene.pair(watch);
      ours.close(code, reason);
      assert.deepEqual(await log.waitFor("close"), [code, reason]);
      assert.deepEqual(await endOf(ours), { code, reason: "", wasClean: true });
    });

    it(`§7.4 the server closes with ${code}: both see it`, async () => {
      const { ours, theirs } = await scene.pair(watch);
      theirs.close(code, reason);
      assert.deepEqual(await endOf(ours), { code, reason, wasClean: true });
      assert.equal((await log.waitFor("close"))[0], code);
    });
  }

  it("§7.1.5 a Close frame without a code is 1005", async () => {
    const { ours } = await scene.pair(watch);
    ours.close();
    assert.deepEqual(await log.waitFor("close"), [1005, ""]);
    assert.equal((await endOf(ours)).code, 1005);
  });

  it("§7.1.1 both close at once: each sees the other's code", async () => {
    const { ours, theirs } = await scene.pair(watch);
    ours.close(4001);
    theirs.close(4002);
    const [ofOurs, ofTheirs] = await Promise.all([endOf(ours), endOf(theirs)]);
    assert.deepEqual([ofOurs.code, ofTheirs.code], [4002, 4001]);
  });

  it("§5.5.1 what was sent before the Close frame arrives before the end", async () => {
    const { ours } = await scene.pair({
      open: (ws) => {
        for (let i = 0; i < 50; i++) ws.send("x".repeat(10_000));
        ws.close(4000);
      },
    });
    for (let i = 0; i < 50; i++) assert.equal((await nextOf(ours)).length, 10_000);
    assert.equal((await endOf(ours)).code, 4000);
  });

  for (const who of ["client", "server"] as const) {
    it(`§7.1.5 the ${who} terminates: 1006 for both`, async () => {
      const { ours, theirs } = await scene.pair(watch);
      (who === "client" ? ours : theirs).terminate();
      for (const ws of [ours, theirs]) {
        assert.deepEqual(await endOf(ws), { code: 1006, reason: "", wasClean: false });
      }
    });
  }

  it("a loop that reads fails when the connection breaks off", async () => {
    const { ours, theirs } = await scene.pair();
    const reading = nextOf(ours);
    theirs.terminate();
    await rejectionOf<ConnectionClosedError>(reading, "HAWSER_CONNECTION_CLOSED");
  });

  it("in the middle of a message it is not delivered", async () => {
    const { ours, theirs } = await scene.pair({
      ...watch,
      message: () => log.add("message"),
    });
    ours.send("the beginning", { fin: false });
    ours.ping("is it there?");
    await within(new Promise((resolve) => setImmediate(resolve)), "a turn");
    ours.terminate();
    assert.deepEqual(await log.waitFor("close"), [1006, ""]);
    assert.equal(log.count("message"), 0);
    assert.equal(theirs.state, "closed");
  });

  it("a peer that is silent is found by the heartbeat", async () => {
    const { ours, theirs } = await scene.pair({ pingIntervalMs: 20, pongTimeoutMs: 20 });
    ours.pause();
    // Its pings are not answered while it is not read.
    const { code, error } = await within(theirs.closed, "the end");
    assert.equal(code, 1006);
    assert.ok(error instanceof TransportError);
    assert.equal(error.code, "HAWSER_PONG_TIMEOUT");
  });

  it("a handler that throws is 1011 for its client, and no word of why", async () => {
    const { ours } = await scene.pair({
      message: () => {
        throw new Error("a secret");
      },
      error: () => log.add("error"),
    });
    ours.send("go");
    assert.deepEqual(await endOf(ours), { code: 1011, reason: "", wasClean: true });
    assert.equal(log.count("error"), 1);
  });

  it("server.close() says 1001 to all, and ends", async () => {
    const running = await scene.start();
    const all = await Promise.all(Array.from({ length: 5 }, () => scene.connect(running)));
    const closed = running.server.close({ timeoutMs: 5_000 });
    for (const ws of all) assert.equal((await endOf(ws)).code, 1001);
    await within(closed, "server.close()");
    assert.equal(running.server.stats().connections, 0);
  });
}
