// The server's event loop stands still for much longer than the ping and the pong time. It has heard
// from nobody meanwhile, but that is its own doing: nobody is taken for gone when it goes on, and who
// is gone is found as ever.

import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, describe, it } from "node:test";
import { type Connection, type Server, serve, type HawserError } from "../../dist/index.js";
import { deferred, turn, within } from "../support/deferred.ts";
import { EventLog } from "../support/event-log.ts";
import { closeFrame } from "../support/frame.ts";
import { eventually } from "../support/memory.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { Swarm } from "./swarm.ts";

const clients = 200;
/** The pong time is what the clients' process may be kept from its work by others on a busy machine. */
const heartbeat = { pingIntervalMs: 250, pongTimeoutMs: 1_000 };
const heartbeatMs = heartbeat.pingIntervalMs + heartbeat.pongTimeoutMs;
const stallMs = 2 * heartbeatMs;
/** What a busy machine may add until a peer that is really gone is found. */
const toleranceMs = 600;

function stall(forMs = stallMs): void {
  const started = performance.now();
  while (performance.now() - started < forMs);
}

describe("fault: event loop stalled for twice ping + pong", () => {
  const log = new EventLog();
  /** How many pongs have come from each. */
  const pongs = new Map<Connection, number>();
  /** What the next pong or message does, inside the callback of its socket. */
  let once: (() => void) | undefined;
  let server: Server;
  let swarm: Swarm;

  const callOnce = (): void => {
    const call = once;
    once = undefined;
    call?.();
  };

  before(async () => {
    server = await serve({
      hostname: "127.0.0.1",
      ...heartbeat,
      message: callOnce,
      pong(ws) {
        pongs.set(ws, (pongs.get(ws) ?? 0) + 1);
        callOnce();
      },
      close: (_ws, code) => log.add("close", code),
      error: (error) => log.add("error", (error as HawserError).code),
    });
    swarm = await Swarm.join(port(), clients);
    await allAnswer();
  });
  afterEach(() => {
    log.clear();
    assert.equal(server.stats().connections, clients);
  });
  after(async () => {
    await swarm.end();
    await server.close({ timeoutMs: 1_000 });
  });

  const port = (): number => (server.address() as AddressInfo).port;

  /** Two rounds of pings go out and are answered by all: whoever is not lost by then stays. */
  async function allAnswer(): Promise<void> {
    pongs.clear();
    await eventually(() => {
      const done = [...pongs.values()].filter((count) => count >= 2).length;
      return done < clients ? `only ${done} have answered two pings` : undefined;
    }, 10_000);
  }

  /** Stalls in the callback of the next pong or message; resolves when the loop goes on. */
  function stallOnce(): Promise<void> {
    const { promise, resolve } = deferred();
    once = () => {
      stall();
      resolve();
    };
    return within(promise, "the stall");
  }

  it("no false time-outs when it stalls in a timer; a peer that is gone is found afterwards", async () => {
    const silent = await RawPeer.open({ port: port(), host: "127.0.0.1" });
    stall();
    const since = performance.now();
    await log.waitFor("close");
    const tookMs = performance.now() - since;
    await allAnswer();
    assert.deepEqual(log.entries, [
      { name: "error", values: ["HAWSER_PONG_TIMEOUT"] },
      { name: "close", values: [1006] },
    ]);
    assert.ok(tookMs < heartbeatMs + toleranceMs, `found after ${tookMs} ms`);
    silent.destroy();
  });

  it("no false time-outs when it stalls on the first pong, and all others wait behind it", async () => {
    await stallOnce();
    await allAnswer();
    assert.deepEqual(log.entries, []);
  });

  it("no false time-outs when it stalls in a message handler", async () => {
    const peer = await RawPeer.open({ port: port(), host: "127.0.0.1" });
    const stalled = stallOnce();
    peer.send("take your time");
    await stalled;
    peer.write(closeFrame(1000));
    await log.waitFor("close");
    await allAnswer();
    assert.deepEqual(log.entries, [{ name: "close", values: [1000] }]);
    peer.destroy();
  });

  it("no false time-outs when it stalls again and again", async () => {
    for (let stalledMs = 0; stalledMs < stallMs; stalledMs += 100) {
      stall(100);
      await turn();
    }
    await allAnswer();
    assert.deepEqual(log.entries, []);
  });
});
