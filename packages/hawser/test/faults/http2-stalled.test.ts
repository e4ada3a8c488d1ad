// RFC 9113 §5.2: 1,000 WebSockets over 10 HTTP/2 sessions, one of them with a window of zero and all that may be queued
// for it: the other 999, 99 of which share its session, keep their latency.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Connection, Server } from "../../dist/index.js";
import { makeCertificate } from "../support/certificate.ts";
import { turn, within } from "../support/deferred.ts";
import { Stage } from "../support/stage.ts";

const certificate = makeCertificate();
const stage = new Stage();
const theirs: Connection[] = [];
const ports = new Set<unknown>();
let server: Server;
let clients: Connection[];

before(async () => {
  server = await stage.serve({
    tls: certificate,
    http2: true,
    overflow: "drop",
    upgrade({ incoming }) {
      ports.add(incoming.socket.remotePort);
      return {};
    },
    open: (ws) => theirs.push(ws),
    message: (ws, message) => ws.send(message),
  });
  const options = { tls: { ca: certificate.cert }, http: 2 } as const;
  clients = await Promise.all(
    Array.from({ length: 1_000 }, () => stage.connect(server, { ...options })),
  );
});
after(() => stage.end());

/** Milliseconds of one echo after the other, over each connection; sorted. */
async function latencies(of: readonly Connection[]): Promise<number[]> {
  const times: number[] = [];
  for (const ws of of) {
    const started = performance.now();
    ws.send("latency");
    const { value } = await within(ws[Symbol.asyncIterator]().next(), "an echo");
    assert.equal(value, "latency");
    times.push(performance.now() - started);
  }
  return times.toSorted((a, b) => a - b);
}

function p99(times: readonly number[]): number {
  return times[Math.floor(times.length * 0.99)] as number;
}

describe("1,000 WebSockets over 10 HTTP/2 sessions", () => {
  it("one with a zero window leaves the latency of the other 999 as it was", async (t) => {
    assert.equal(ports.size, 10);
    const [stalled, ...lively] = clients as [Connection, ...Connection[]];
    await latencies(lively);
    const usual = p99(await latencies(lively));

    const iterator = stalled[Symbol.asyncIterator]();
    stalled.send("which one is it?");
    assert.equal((await iterator.next()).value, "which one is it?");
    // The others have had two rounds.
    const itsOther = theirs.find((ws) => ws.stats.messagesReceived === 1) as Connection;
    stalled.pause();
    const large = Buffer.alloc(64 * 1024);
    for (let i = 0; i < 64; i++) {
      itsOther.send(large);
      await turn();
    }
    assert.ok(itsOther.bufferedBytes > 512 * 1024, `${itsOther.bufferedBytes} bytes are queued`);

    const during = p99(await latencies(lively));
    t.diagnostic(`p99 of an echo: ${usual.toFixed(2)} ms before, ${during.toFixed(2)} ms during`);
    assert.ok(during < 2 * usual + 50, `p99 ${during} ms, before ${usual} ms`);
  });
});
