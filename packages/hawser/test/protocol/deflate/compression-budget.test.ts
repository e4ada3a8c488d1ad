import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CompressionBudget } from "../../../dist/protocol/index.js";

describe("compression budget", () => {
  it("has room up to its last byte, and again for what was released", () => {
    const budget = new CompressionBudget(100);
    assert.equal(budget.hasRoom(100), true);
    assert.equal(budget.hasRoom(101), false);
    budget.reserve(60);
    assert.equal(budget.usedBytes, 60);
    assert.equal(budget.hasRoom(40), true);
    assert.equal(budget.hasRoom(41), false);
    budget.release(60);
    assert.deepEqual([budget.usedBytes, budget.maxBytes], [0, 100]);
    assert.equal(budget.hasRoom(100), true);
  });
});
