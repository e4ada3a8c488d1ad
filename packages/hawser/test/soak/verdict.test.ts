// The rule by which a soak's memory is flat.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Usage } from "./usage.ts";
import { judge, type Sample, slopeOf } from "./verdict.ts";

const MiB = 1024 * 1024;

const usual: Usage = {
  heapBytes: 10 * MiB,
  externalBytes: 4 * MiB,
  arrayBufferBytes: MiB,
  rssBytes: 100 * MiB,
  descriptors: 30,
};

/** A sample every ten seconds, with what is different in the server by then. */
function run(change: (seconds: number) => Partial<Usage>, seconds = 300): Sample[] {
  return Array.from({ length: seconds / 10 + 1 }, (_, index) => ({
    seconds: index * 10,
    server: { ...usual, ...change(index * 10) },
    clients: usual,
  }));
}

function faults(samples: readonly Sample[]): string[] {
  return judge(samples)
    .filter(({ isFault }) => isFault)
    .map(({ text }) => text);
}

describe("the verdict of a soak", () => {
  it("the slope is that of the line by least squares", () => {
    const points = [1, 3, 2, 5].map((y, x) => ({ x, y }));
    assert.ok(Math.abs(slopeOf(points) - 1.1) < 1e-9);
    assert.equal(slopeOf([{ x: 1, y: 1 }]), 0);
    assert.equal(slopeOf([]), 0);
  });

  it("finds nothing in memory that goes up and down", () => {
    assert.deepEqual(faults(run((s) => ({ heapBytes: (10 + (s % 30) / 10) * MiB }))), []);
  });

  it("finds nothing in what grows in the first third only", () => {
    assert.deepEqual(faults(run((s) => ({ heapBytes: Math.min(s, 100) * MiB }))), []);
  });

  it("finds a leak of 1 MiB a minute, on the heap or outside of it", () => {
    for (const name of ["heapBytes", "externalBytes"] as const) {
      const found = faults(run((s) => ({ [name]: (10 + s / 60) * MiB })));
      assert.deepEqual(found, [
        "server, heap + external: 1024.0 KiB a minute, 3.33 MiB in 200 s; at most 2 MiB",
      ]);
    }
  });

  it("finds the same leak in any longer time, and a smaller one the longer it runs", () => {
    const slow = (s: number): Partial<Usage> => ({ heapBytes: (10 + s / 600) * MiB });
    assert.equal(faults(run(slow)).length, 0);
    assert.equal(faults(run(slow, 3_000)).length, 1);
  });

  it("judges resident memory, but not in less than a minute", () => {
    const leak = (s: number): Partial<Usage> => ({ rssBytes: (100 + s) * MiB });
    assert.match(faults(run(leak)).join(""), /^server, RSS: .* at most 32 MiB$/);
    assert.deepEqual(faults(run(leak, 80)), []);
  });

  it("finds one descriptor more than before, after any round", () => {
    const found = faults(run((s) => ({ descriptors: s === 50 ? 31 : 30 })));
    assert.deepEqual(found, ["server, descriptors: 31 after 50 s; at most 30"]);
  });

  it("has nothing to say of a run without samples enough", () => {
    for (const samples of [[], run(() => ({}), 40)]) {
      assert.match(faults(samples).join(""), /too few to tell$/);
    }
  });
});
