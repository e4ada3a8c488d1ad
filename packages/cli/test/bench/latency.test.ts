// Node's histograms keep three digits at any height, and add up.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { distributionOf, latencyOf, newHistogram, record } from "../../dist/bench/latency.js";

describe("latencies", () => {
  it("have three digits that are right, from a microsecond to an hour", () => {
    for (const micros of [1, 12, 123, 12_345, 123_456_789, 3_600_000_000]) {
      const histogram = newHistogram();
      record(histogram, micros);
      const { p50, p99, max, count } = latencyOf(histogram) ?? assert.fail();
      assert.equal(count, 1);
      for (const value of [p50, p99, max]) assert.ok(Math.abs(value - micros) <= micros / 1000);
    }
  });

  it("of several workers add up", () => {
    const sum = newHistogram();
    for (const base of [0, 500]) {
      const histogram = newHistogram();
      for (let i = 1; i <= 500; i++) record(histogram, base + i);
      sum.add(histogram);
    }
    const { count, min, p50, p90, p99, p999, max } = latencyOf(sum) ?? assert.fail();
    assert.deepEqual([count, min, p50, p90, p99, p999, max], [1000, 1, 500, 900, 990, 999, 1000]);
  });

  it("below and above what can be told apart count as the least and the most", () => {
    const histogram = newHistogram();
    record(histogram, -3);
    record(histogram, 1e12);
    assert.equal(histogram.count, 2);
    assert.equal(histogram.exceeds, 0);
    assert.equal(histogram.min, 1);
  });

  it("that nobody has are undefined", () => {
    assert.equal(latencyOf(newHistogram()), undefined);
    assert.deepEqual(distributionOf(newHistogram()), []);
  });

  it("as a distribution rise from the least to the most", () => {
    const histogram = newHistogram();
    for (let i = 1; i <= 1000; i++) record(histogram, i);
    const points = distributionOf(histogram);
    assert.deepEqual(points[0], [0, 1]);
    assert.deepEqual(points.at(-1), [100, 1000]);
    const sorted = points.toSorted(([p, a], [q, b]) => p - q || a - b);
    assert.deepEqual(points, sorted);
  });
});
