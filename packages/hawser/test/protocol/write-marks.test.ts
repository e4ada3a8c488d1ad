import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type OnWritten, WriteMarks } from "../../dist/protocol/write-marks.js";

describe("write marks", () => {
  const named = (name: string): OnWritten =>
    Object.defineProperty(() => undefined, "name", { value: name });
  const names = (marks: readonly OnWritten[]): string => marks.map(({ name }) => name).join(" ");

  it("are reached when all before them was taken, in their order", () => {
    const marks = new WriteMarks();
    marks.add(10, named("a"));
    marks.add(10, named("b"));
    marks.add(25, named("c"));
    assert.equal(names(marks.reached(false)), "");
    marks.took(9);
    assert.equal(names(marks.reached(false)), "");
    marks.took(1);
    assert.equal(names(marks.reached(false)), "a b");
    marks.add(20, named("d"));
    marks.took(15);
    assert.equal(names(marks.reached(false)), "c");
    assert.equal(marks.isEmpty, false);
    assert.equal(names(marks.reached(true)), "d", "nothing is left");
    assert.equal(marks.isEmpty, true);
  });

  it("are never early when something before them grew", () => {
    const marks = new WriteMarks();
    marks.add(10, named("a"));
    marks.grew(5);
    marks.grew(-3);
    marks.took(14);
    assert.equal(names(marks.reached(false)), "");
    marks.took(1);
    assert.equal(names(marks.reached(false)), "a");
  });

  it("that were lost are never reached, and told of in the end", () => {
    const marks = new WriteMarks();
    marks.add(1, named("a"));
    marks.lose(named("b"));
    marks.loseAll();
    marks.add(1, named("c"));
    assert.equal(marks.isEmpty, false);
    marks.took(1);
    assert.equal(names(marks.reached(true)), "c");
    marks.add(1, named("d"));
    assert.equal(names(marks.takeAll()), "b a d");
    assert.equal(marks.isEmpty, true);
  });
});
