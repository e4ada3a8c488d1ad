// Every way in which numbered messages can come.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Arrival, SequenceCheck } from "../../dist/bench/sequence-check.js";

const sent = 6;

describe("SequenceCheck", () => {
  const rows: [numbers: number[], arrivals: Arrival[], missing: number][] = [
    [[0, 1, 2, 3, 4, 5], ["fresh", "fresh", "fresh", "fresh", "fresh", "fresh"], 0],
    [[0, 2], ["fresh", "fresh"], 4],
    [[0, 2, 1], ["fresh", "fresh", "reordered"], 3],
    [[5, 4, 3], ["fresh", "reordered", "reordered"], 3],
    [[0, 0], ["fresh", "duplicate"], 5],
    [[0, 2, 1, 1], ["fresh", "fresh", "reordered", "duplicate"], 3],
    [[6], ["unsent"], 6],
  ];
  for (const [numbers, arrivals, missing] of rows) {
    it(`${numbers.join(" ")} of ${sent}: ${arrivals.join(" ")}, ${missing} missing`, () => {
      const check = new SequenceCheck();
      assert.deepEqual(
        numbers.map((number) => check.receive(number, sent)),
        arrivals,
      );
      assert.equal(check.missing(sent), missing);
    });
  }

  it("what was given up is late when it comes, once", () => {
    const check = new SequenceCheck();
    check.receive(0, sent);
    check.giveUp(3);
    assert.equal(check.missing(3), 2);
    assert.equal(check.receive(1, sent), "late");
    assert.equal(check.receive(1, sent), "duplicate");
    assert.equal(check.receive(3, sent), "fresh");
    assert.equal(check.missing(sent), 3);
  });

  it("one that was skipped is missing", () => {
    const check = new SequenceCheck();
    check.skip();
    assert.equal(check.receive(1, sent), "fresh");
    assert.equal(check.missing(2), 1);
  });
});
