// The result as data, and which results fail a script.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Verdict } from "../../../dist/conform/engine/verdict.js";
import { hasFailed, overall, type Report } from "../../../dist/conform/report/model.js";
import { exampleReport, result } from "./example.js";

describe("the report", () => {
  it("has the cases, and the results of each agent with counts", () => {
    const report = exampleReport();
    assert.equal(report.format, "hawser-conform");
    assert.equal(report.formatVersion, 1);
    assert.equal(report.startedAt, "2026-11-21T12:00:00.000Z");
    assert.deepEqual(
      report.groups.map(({ number }) => number),
      [1, 6, 7, 9, 12],
    );
    assert.deepEqual(report.cases[0], {
      id: "1.1.1",
      group: 1,
      title: "A text message of 0 octets",
      checks: "It comes back as it was, with its type.",
      section: "RFC 6455 §5.2, §5.6",
    });
    assert.deepEqual(report.agents[0]?.counts, {
      OK: 2,
      "NON-STRICT": 1,
      INFORMATIONAL: 1,
      UNIMPLEMENTED: 1,
      "WRONG CODE": 1,
      FAILED: 1,
    });
    assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
    assert.deepEqual(Object.keys(report), [
      "format",
      "formatVersion",
      "version",
      "role",
      "startedAt",
      "ms",
      "seed",
      "groups",
      "cases",
      "agents",
    ]);
  });

  it("a case is as bad as its end", () => {
    assert.equal(overall(result("1.1.1", "OK", "UNCLEAN")), "UNCLEAN");
    assert.equal(overall(result("1.1.1", "NON-STRICT", "OK")), "NON-STRICT");
    assert.equal(overall(result("1.1.1", "FAILED", "UNCLEAN")), "FAILED");
  });

  const rows: [verdict: Verdict, fails: boolean, failsStrictly: boolean][] = [
    ["OK", false, false],
    ["INFORMATIONAL", false, false],
    ["NON-STRICT", false, true],
    ["UNIMPLEMENTED", false, true],
    ["FAILED", true, true],
    ["WRONG CODE", true, true],
    ["UNCLEAN", true, true],
    ["FAILED BY CLIENT", true, true],
  ];
  for (const [verdict, fails, failsStrictly] of rows) {
    it(`${verdict} ${fails ? "fails" : failsStrictly ? "fails strictly" : "passes"}`, () => {
      const [agent] = exampleReport().agents;
      assert.ok(agent !== undefined);
      const report: Report = {
        ...exampleReport(),
        agents: [
          { ...agent, results: [result("1.1.1", "OK", "OK"), result("2.1", "OK", verdict)] },
        ],
      };
      const direct: Report = {
        ...report,
        agents: [{ ...agent, results: [result("2.1", verdict, "OK")] }],
      };
      assert.equal(hasFailed(direct, false), fails);
      assert.equal(hasFailed(direct, true), failsStrictly);
      if (fails) assert.equal(hasFailed(report, false), true);
    });
  }
});
