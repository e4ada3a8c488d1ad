// The heartbeat of a connection, with short times, in both roles: whoever says nothing is pinged, whoever
// does not answer that is gone.

import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { type Connection, type ConnectionOptions, TransportError } from "../../dist/index.js";
import { deferred } from "../support/deferred.ts";
import { frame, opcodes } from "../support/frame.ts";
import type { RawPeer } from "../support/raw-peer.ts";
import { Stage } from "../support/stage.ts";
import { Victim } from "../support/victim.ts";

let victim: Victim | undefined;
afterEach(async () => {
  await victim?.close();
  victim = undefined;
});

async function open(
  role: "server" | "client",
  options: ConnectionOptions,
): Promise<{ peer: RawPeer; ws: Connection; masked: boolean }> {
  victim = await Victim.start(role, options);
  const peer = await victim.open();
  return { peer, ws: victim.connection, masked: role === "server" };
}

for (const role of ["server", "client"] as const) {
  describe(`the heartbeat of a ${role}`, () => {
    const times = { pingIntervalMs: 80, pongTimeoutMs: 60 };

    it("a peer that never says anything: a ping, then 1006 within both times, once", async () => {
      const { peer, ws } = await open(role, times);
      const started = performance.now();
      assert.equal((await peer.readFrame()).opcode, opcodes.ping);
      await peer.waitForEnd();
      const took = performance.now() - started;
      assert.ok(took > 60 && took < 80 + 60 + 150, `${took} ms`);
      const { code, error } = await ws.closed;
      assert.ok(error instanceof TransportError);
      assert.deepEqual([code, error.code], [1006, "HAWSER_PONG_TIMEOUT"]);
      assert.deepEqual(victim?.log.names, ["open", "error", "close"]);
    });

    it("a peer that answers is pinged again and again, and stays", async () => {
      const { peer, ws, masked } = await open(role, times);
      for (let i = 0; i < 6; i++) {
        const ping = await peer.readFrame();
        assert.equal(ping.opcode, opcodes.ping);
        peer.write(frame(opcodes.pong, ping.payload, { masked }));
      }
      assert.equal(ws.state, "open");
    });

    it("any byte is life: half a frame answers a ping", async () => {
      const { peer, ws, masked } = await open(role, times);
      const bytes = frame(opcodes.text, "slowly, one byte for each ping", { masked });
      for (let i = 0; i < 6; i++) {
        assert.equal((await peer.readFrame()).opcode, opcodes.ping);
        peer.write(bytes.subarray(i, i + 1));
      }
      assert.equal(ws.state, "open");
    });

    it("a peer that talks is never pinged", async () => {
      const { peer, masked } = await open(role, { pingIntervalMs: 200, pongTimeoutMs: 200 });
      const until = performance.now() + 500;
      while (performance.now() < until) {
        peer.write(frame(opcodes.text, "echo", { masked }));
        assert.equal((await peer.readFrame()).opcode, opcodes.text);
      }
    });

    it("a peer that we don't read from is not lost for its silence", async () => {
      const { peer, ws, masked } = await open(role, times);
      ws.pause();
      // More than is read ahead, so that the socket stops.
      const text = "x".repeat(10_000);
      for (let i = 0; i < 3; i++) peer.write(frame(opcodes.text, text, { masked }));
      await new Promise((resolve) => setTimeout(resolve, 400));
      assert.equal(ws.state, "open");
      ws.resume();
      await victim?.log.waitFor("message", 3);
    });

    it("a peer that has gone while we don't read from it is noticed by the ping that it refuses", async () => {
      const { peer, ws, masked } = await open(role, times);
      ws.pause();
      for (let i = 0; i < 3; i++) {
        peer.write(frame(opcodes.text, `message ${i}`, { masked }));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      peer.destroy();
      assert.equal((await ws.closed).code, 1006);
    });

    it("with pingIntervalMs 0 there is none", async () => {
      const { peer, ws } = await open(role, { pingIntervalMs: 0, pongTimeoutMs: 20 });
      await new Promise((resolve) => setTimeout(resolve, 200));
      assert.deepEqual([ws.state, ws.stats.bytesSent, peer.ending], ["open", 0, undefined]);
    });
  });
}

it("the silence of a peer that has gone while its last message is handled is nobody's failure", async () => {
  const stage = new Stage();
  const { log } = stage;
  const handled = deferred();
  const { peer } = await stage.pair({
    pingIntervalMs: 40,
    pongTimeoutMs: 30,
    message: async (_ws, message) => {
      log.add("message", message);
      await handled.promise;
    },
    close: (_ws, code) => log.add("close", code),
    error: (error) => log.add("error", error),
  });
  peer.write(frame(opcodes.text, "the last"));
  await log.waitFor("message");
  await peer.finish();
  await new Promise((resolve) => setTimeout(resolve, 200));
  handled.resolve();
  assert.deepEqual(await log.waitFor("close"), [1006]);
  assert.deepEqual(log.names, ["message", "close"]);
  await stage.end();
});
