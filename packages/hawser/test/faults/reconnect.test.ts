// Ten thousand clients lose their server at the same moment and come back at once: all are there
// again within 30 seconds, and once they have left, memory and descriptors are back where they were.

import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { type Server, serve } from "../../dist/index.js";
import { eventually, memoryInUse, openDescriptors } from "../support/memory.ts";
import { Swarm } from "./swarm.ts";

const clients = 10_000;
/** That the clients live in; each holds a descriptor of ours, its channel. */
const processes = 2;
const jitterMs = 500;
const backLimitMs = 30_000;
const MiB = 1024 * 1024;
/** Pools and tables of Node's stay as large as they once were: 200 bytes for each connection. */
const slackBytes = 4 * MiB;

describe("fault: 10,000 reconnect at once", () => {
  const failures: unknown[] = [];
  const closes = new Map<number, number>();
  let server: Server;
  let swarm: Swarm | undefined;
  const port = (): number => (server.address() as AddressInfo).port;

  before(async () => {
    server = await serve({
      hostname: "127.0.0.1",
      open: (ws) => ws.subscribe("all"),
      close: (_ws, code) => void closes.set(code, (closes.get(code) ?? 0) + 1),
      error: (error) => void failures.push(error),
    });
  });
  after(async () => {
    await swarm?.end();
    await server.close({ timeoutMs: 1_000 });
  });

  it("all are back within 30 s and served; memory and descriptors return to base when they leave", async (t) => {
    // What is made only once belongs to the base.
    const first = await Swarm.join(port(), 200);
    await first.leave();
    await first.end();
    await eventually(() => {
      const { connections } = server.stats();
      return connections > 0 ? `${connections} connections` : undefined;
    }, 5_000);
    closes.clear();
    const baseBytes = memoryInUse();
    const baseDescriptors = openDescriptors();

    swarm = await Swarm.join(port(), clients, processes);
    assert.equal(server.stats().connections, clients);
    const heldBytes = memoryInUse() - baseBytes;
    await swarm.comeBack(jitterMs);
    for (const ws of server.connections) ws.terminate();
    const { tookMs, retries } = await swarm.back();
    t.diagnostic(`all back after ${Math.round(tookMs)} ms, ${retries} attempts failed`);
    t.diagnostic(`${(heldBytes / clients / 1024).toFixed(1)} KiB a connection`);
    assert.ok(tookMs < backLimitMs, `all back after ${tookMs} ms`);
    assert.equal(closes.get(1006), clients, "each was dropped once");
    assert.equal(server.stats().connections, clients, "and none is counted twice");

    const latencies = await swarm.latencies(1, (message) => void server.publish("all", message));
    assert.equal(latencies.length, clients, "each gets the next publication");
    await swarm.leave();
    await eventually(() => {
      const { connections, topics } = server.stats();
      return connections + topics > 0 ? `${connections} connections, ${topics} topics` : undefined;
    }, 5_000);
    assert.equal(closes.get(1000), clients, "each left with a closing handshake");
    assert.deepEqual(failures, []);
    await eventually(() => {
      const more = openDescriptors() - baseDescriptors - processes;
      return more > 0 ? `${more} more descriptors` : undefined;
    }, 5_000);
    await eventually(() => {
      const more = memoryInUse() - baseBytes;
      if (more > slackBytes) return `${(more / MiB).toFixed(1)} MiB more than before`;
      t.diagnostic(`${(more / MiB).toFixed(1)} MiB more than before`);
      return undefined;
    }, 10_000);
  });
});
