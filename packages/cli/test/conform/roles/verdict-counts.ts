// How results are counted in tests of whole runs.

import type { CaseResult } from "../../../dist/conform/engine/run-case.js";
import { groups, selectCases } from "../../../dist/conform/groups/index.js";
import type { Case } from "../../../dist/conform/engine/case.js";

/** "OK / OK" and so on, with the cases that have it, but for those where all is well. */
export function verdictsOf(results: readonly CaseResult[]): Record<string, string[]> {
  const verdicts: Record<string, string[]> = {};
  for (const { id, behavior, behaviorClose } of results) {
    if (behavior === "OK" && behaviorClose === "OK") continue;
    (verdicts[`${behavior} / ${behaviorClose}`] ??= []).push(id);
  }
  return verdicts;
}

/** Every case of groups 1 to 10 that takes no time. */
export const functionalCases: readonly Case[] = groups
  .filter(({ number, isPerformance }) => number < 20 && !isPerformance)
  .flatMap(({ cases }) => cases);

/** Some of each kind of the others: sizes, fragments, writes, round trips, parameters. */
export const performanceSample: readonly Case[] = selectCases({
  include: ["9.1.3", "9.3.3", "9.4.9", "9.6.6", "9.7.2", "12.1.3", "12.3.11", "13.3.4", "13.7.2"],
  exclude: [],
});

/** What may be otherwise in a good implementation. */
export const informational: Record<string, string[]> = {
  "INFORMATIONAL / INFORMATIONAL": ["7.1.6", "7.13.1", "7.13.2"],
};
