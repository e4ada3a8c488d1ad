// A thousand sockets whose handshake comes a byte a second, or not at all: each is answered with 408 or
// closed when its time is over, and meanwhile others connect as if they were alone.

import assert from "node:assert/strict";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { after, afterEach, before, describe, it } from "node:test";
import { deferred } from "../support/deferred.ts";
import { requestText } from "../support/http-head.ts";
import type { RawPeer } from "../support/raw-peer.ts";
import { Target } from "../support/target.ts";

const count = 1_000;

interface Rejected {
  readonly status: number | undefined;
  readonly afterMs: number;
}

/** Writes the request a byte a second until the server has enough of it. */
async function trickle(peer: RawPeer, request: string, started: number): Promise<Rejected> {
  let sent = 0;
  const writeOne = (): void => peer.write(request[sent++] ?? "");
  writeOne();
  const timer = setInterval(writeOne, 1_000);
  try {
    await peer.waitForEnd(15_000);
  } finally {
    clearInterval(timer);
  }
  const afterMs = performance.now() - started;
  const said = (await peer.readToEnd()).toString();
  peer.destroy();
  return { status: said === "" ? undefined : Number(said.split(" ")[1]), afterMs };
}

/** How long it takes others to connect, in milliseconds, sorted. */
async function connectTimes(target: Target): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < 20; i++) {
    const started = performance.now();
    const peer = await target.open();
    times.push(performance.now() - started);
    await peer.finish();
  }
  return times.toSorted((a, b) => a - b);
}

for (const { handshakeTimeoutMs, title } of [
  { handshakeTimeoutMs: 2_000, title: "handshakeTimeoutMs of 2 s" },
  { handshakeTimeoutMs: undefined, title: "the defaults: 10 s" },
]) {
  describe(`1 byte a second on ${count} sockets, ${title}`, { concurrency: true }, () => {
    let target: Target;
    before(async () => {
      target = await Target.start(handshakeTimeoutMs === undefined ? {} : { handshakeTimeoutMs });
    });
    after(async () => {
      await target.check();
      await target.close();
    });

    it("408 or closed in time; others connect in under 100 ms", async () => {
      const limitMs = handshakeTimeoutMs ?? 10_000;
      const loop = monitorEventLoopDelay();
      loop.enable();
      const request = requestText();
      const started = performance.now();
      const trickling: Promise<Rejected>[] = [];
      for (let i = 0; i < count; i++) {
        // A tenth of them says nothing at all, another tenth nearly everything at once and then nothing.
        const peer = await target.connect();
        if (i % 10 === 1) peer.write(request.slice(0, -2));
        const rest = i % 10 <= 1 ? "" : request;
        trickling.push(trickle(peer, rest, performance.now()));
      }
      const times = await connectTimes(target);
      assert.ok((times[18] as number) < 100, `95% within ${times[18]} ms`);
      assert.ok(performance.now() - started < limitMs, "measured while they were there");
      await target.askBeside();

      const rejected = await Promise.all(trickling);
      const slowest = Math.max(...rejected.map(({ afterMs }) => afterMs));
      // Half a second for a thousand answers, and what a busy machine took from us.
      const toleranceMs = 500 + 3 * (loop.max / 1e6);
      assert.ok(slowest < limitMs + toleranceMs, `the last was closed after ${slowest} ms`);
      const statuses = new Set(rejected.map(({ status }) => status));
      statuses.delete(undefined);
      assert.deepEqual([...statuses], [408]);
    });
  });
}

describe("an `upgrade` hook that never decides", () => {
  let target: Target;
  const reasons: string[] = [];
  const aborted = deferred();
  before(async () => {
    target = await Target.start({
      handshakeTimeoutMs: 100,
      upgrade({ url, signal }) {
        if (url !== "/wait") return {};
        signal.addEventListener("abort", () => {
          reasons.push((signal.reason as Error).message);
          if (reasons.length === 10) aborted.resolve();
        });
        return new Promise(() => undefined);
      },
    });
  });
  afterEach(() => target.check());
  after(() => target.close());

  it("408 after handshakeTimeoutMs, and its signal is aborted", async () => {
    const peers = await Promise.all(Array.from({ length: 10 }, () => target.connect()));
    for (const peer of peers) peer.write(requestText({}, "GET /wait HTTP/1.1"));
    for (const peer of peers) {
      const { status, body } = await peer.readResponse();
      assert.equal(status, 408);
      assert.match(body, /too long/);
      assert.equal(await peer.waitForEnd(), "fin");
    }
    await aborted.promise;
    assert.match(reasons[0] as string, /408/);
    assert.equal(target.server.stats().refused, 10);
  });
});
