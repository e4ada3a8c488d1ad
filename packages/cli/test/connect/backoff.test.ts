// Delays between attempts.

import assert from "node:assert/strict";
import { it } from "node:test";
import { Backoff } from "../../dist/connect/backoff.js";

it("each delay is twice the last, up to 30 s, and shortened by at most a half", () => {
  for (const [random, least] of [
    [0, 250],
    [1, 500],
  ] as const) {
    const backoff = new Backoff(() => random);
    const delays = Array.from({ length: 8 }, () => backoff.next());
    assert.deepEqual(
      delays,
      delays.map((_, index) => Math.min(least * 2 ** index, least * 60)),
    );
    assert.equal(backoff.failures, 8);
    backoff.succeeded();
    assert.equal(backoff.next(), least);
  }
});
