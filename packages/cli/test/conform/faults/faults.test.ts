// The tester's own test: a server with one fault is caught by the cases that should catch it, and by no
// other. For each fault its own groups are run, and a sample of all the others.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { type Case, isFor } from "../../../dist/conform/engine/case.js";
import { selectCases } from "../../../dist/conform/groups/index.js";
import { testServer } from "../../../dist/conform/roles/server.js";
import { type Fault, faults, sample } from "./fault-list.js";
import { faultyServer } from "./server.js";

/** The verdicts of each case. */
type Verdicts = Map<string, string>;

function casesOf(patterns: string): Case[] {
  const include = patterns.split(",");
  return selectCases({ include, exclude: [] }).filter((testCase) => isFor(testCase, "server"));
}

async function verdictsWith(fault: Fault | undefined, cases: readonly Case[]): Promise<Verdicts> {
  const server = await faultyServer(fault);
  const target = { url: server.url, headers: [] };
  const results = await testServer(target, { cases, parallel: 16, seed: "faults" });
  await server.close();
  return new Map(
    results.map(({ id, behavior, behaviorClose }) => [id, `${behavior} / ${behaviorClose}`]),
  );
}

async function verdictsEach(fault: Fault, cases: readonly Case[]): Promise<Verdicts> {
  const verdicts: Verdicts = new Map();
  for (const testCase of cases) {
    for (const [id, verdict] of await verdictsWith(fault, [testCase])) verdicts.set(id, verdict);
  }
  return verdicts;
}

const rows = Object.entries(faults) as [Fault, (typeof faults)[Fault]][];

describe("a server with a fault", { concurrency: 10 }, () => {
  let healthy: Verdicts;
  before(async () => {
    healthy = await verdictsWith(undefined, casesOf(rows.map(([, { run }]) => run).join()));
    for (const [id, verdicts] of await verdictsWith(undefined, casesOf(sample))) {
      healthy.set(id, verdicts);
    }
  });

  it("is healthy without one", () => {
    const others = [...healthy].filter(([, verdicts]) => verdicts !== "OK / OK");
    const informational = others.filter(([, verdicts]) => verdicts.startsWith("INFORMATIONAL"));
    assert.deepEqual(
      others.filter((one) => !informational.includes(one)),
      // zlib can't make the window that it asks for.
      [["23.3.3", "UNIMPLEMENTED / UNIMPLEMENTED"]],
    );
  });

  for (const [fault, { run, caughtBy, isAlone = false }] of rows) {
    it(`that ${fault}: ${caughtBy}`, async () => {
      const cases = casesOf(`${run},${sample}`);
      const play = isAlone ? verdictsEach : verdictsWith;
      const verdicts = await play(fault, cases);
      const isCaught = ({ id }: Case): boolean => verdicts.get(id) !== healthy.get(id);
      const wanted = casesOf(caughtBy).filter((testCase) => verdicts.has(testCase.id));
      // A peer has its time by the clock: what a busy machine was too slow for is played again.
      const surplus = cases.filter(
        (one) => isCaught(one) && !wanted.some(({ id }) => id === one.id),
      );
      for (const [id, verdict] of await play(fault, surplus)) verdicts.set(id, verdict);
      assert.deepEqual(
        cases.filter(isCaught).map(({ id }) => id),
        wanted.map(({ id }) => id),
      );
      assert.ok(wanted.length > 0);
    });
  }
});
