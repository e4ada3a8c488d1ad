import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { newCounters } from "../../dist/node/counters.js";

describe("counters", () => {
  it("begin at zero, each group with its own", () => {
    const counters = newCounters();
    assert.ok(Object.values(counters).every((count) => count === 0));
    counters.opened++;
    assert.equal(newCounters().opened, 0);
  });
});
