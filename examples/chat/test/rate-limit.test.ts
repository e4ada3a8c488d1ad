// The pace of one connection, by a clock that the test moves.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RateLimit } from "../dist/rate-limit.js";

describe("RateLimit", () => {
  it("lets ten through in five seconds, warns ten times, then calls it a flood", () => {
    const rate = new RateLimit();
    const paces = Array.from({ length: 25 }, (_, i) => rate.count(1_000 + i));
    assert.deepEqual(paces, [
      ...Array<string>(10).fill("fine"),
      ...Array<string>(10).fill("too fast"),
      ...Array<string>(5).fill("flood"),
    ]);
  });

  it("begins anew after five seconds, and never stops who keeps the pace", () => {
    const rate = new RateLimit();
    for (let i = 0; i < 1_000; i++) assert.equal(rate.count(i * 500), "fine");
    for (let i = 0; i < 11; i++) rate.count(1_000_000);
    assert.equal(rate.count(1_004_999), "too fast");
    assert.equal(rate.count(1_005_000), "fine");
  });
});
