// The table of cases: as many as there should be, each with what a report needs; and patterns.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { groupOf, groups, selectCases } from "../../../dist/conform/groups/index.js";
import { Random } from "../../../dist/conform/wire/random.js";

/** The groups whose numbers others use as well, with their cases. */
const counts: readonly (readonly [group: number, cases: number])[] = [
  [1, 16],
  [2, 11],
  [3, 7],
  [4, 10],
  [5, 20],
  [6, 145],
  [7, 37],
  [9, 54],
  [10, 1],
  [12, 90],
  [13, 126],
];

function idsOf(include: readonly string[], exclude: readonly string[] = []): string[] {
  return selectCases({ include, exclude }).map(({ id }) => id);
}

describe("the groups", () => {
  it("1 to 13 have 517 cases", () => {
    const known = groups.filter(({ number }) => number < 20);
    assert.deepEqual(
      known.map(({ number, cases }) => [number, cases.length]),
      counts,
    );
    assert.equal(known.flatMap(({ cases }) => cases).length, 517);
  });

  it("group 6 has 70 cases that are valid, and 75 that are not", () => {
    const closes = groupOf("6.1.1").cases.map((one) => one.kind === "script" && one.close.by);
    assert.equal(closes.filter((by) => by === "tester").length, 70);
    assert.equal(closes.filter((by) => by === "peer").length, 75);
  });

  it("every case has an id of its own, of its group, and says what it checks", () => {
    const all = groups.flatMap(({ number, cases }) => cases.map((one) => ({ number, ...one })));
    assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
    for (const { number, id, title, checks, section } of all) {
      assert.match(id, new RegExp(`^${number}\\.\\d+(\\.\\d+)?$`));
      assert.match(section, /^RFC \d+ §/);
      assert.ok(title.length > 5 && checks.endsWith("."), id);
    }
  });

  it("every script has steps, and events that are good", () => {
    for (const one of groups.flatMap(({ cases }) => cases)) {
      if (one.kind !== "script" || groupOf(one.id).isPerformance) continue;
      const { steps, events } = one.script(new Random("test"));
      assert.ok(steps.length > 0 && events.OK !== undefined, one.id);
    }
  });
});

describe("selectCases", () => {
  it("takes all without a pattern, and what patterns name", () => {
    assert.ok(idsOf([]).length >= 517);
    assert.deepEqual(idsOf(["3.1", "7.13.*"]), ["3.1", "7.13.1", "7.13.2"]);
    assert.deepEqual(idsOf(["*.1.1"]).slice(0, 3), ["1.1.1", "4.1.1", "6.1.1"]);
    assert.deepEqual(idsOf(["7.*.13"]), ["7.7.13"]);
    assert.equal(idsOf(["6.4"]).length, 4);
    assert.equal(idsOf(["*"]).length, idsOf([]).length);
  });

  it("leaves out", () => {
    assert.deepEqual(idsOf(["1.1.*"], ["1.1.2", "1.1.3", "1.1.4", "1.1.5"]), [
      "1.1.1",
      "1.1.6",
      "1.1.7",
      "1.1.8",
    ]);
  });

  it("explains a pattern that fits nothing, or is none", () => {
    assert.throws(() => idsOf(["8.*"]), /no case is called 8\.\*/);
    assert.throws(() => idsOf(["(a+)+"]), /no pattern of cases/);
  });
});
