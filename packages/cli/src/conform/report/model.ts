// The result of a run as data: what `--json` writes, and what the other reports are made of. Within a
// version of the format, fields are added and never changed.

import { groups, groupOf } from "../groups/index.ts";
import type { Case } from "../engine/case.ts";
import type { CaseResult } from "../engine/run-case.ts";
import { isFailure, type Verdict, verdicts } from "../engine/verdict.ts";

export interface Report {
  readonly format: "hawser-conform";
  readonly formatVersion: 1;
  /** Of @hawser/cli. */
  readonly version: string;
  /** What was tested. */
  readonly role: "server" | "client";
  /** ISO 8601. */
  readonly startedAt: string;
  readonly ms: number;
  readonly seed: string;
  readonly groups: readonly { readonly number: number; readonly title: string }[];
  /** The cases that were chosen, run or not. */
  readonly cases: readonly CaseDescription[];
  readonly agents: readonly AgentReport[];
}

export interface CaseDescription {
  readonly id: string;
  readonly group: number;
  readonly title: string;
  readonly checks: string;
  readonly section: string;
}

/** One implementation that was tested. */
export interface AgentReport {
  readonly name: string;
  /** How many cases have come to each verdict; see `overall`. */
  readonly counts: Counts;
  readonly results: readonly CaseResult[];
}

export type Counts = Readonly<Partial<Record<Verdict, number>>>;

export interface RunFacts extends Pick<Report, "version" | "role" | "seed"> {
  readonly startedAt: Date;
  readonly cases: readonly Case[];
  /** The results of each agent. */
  readonly agents: ReadonlyMap<string, readonly CaseResult[]>;
}

/** The report of a run; the results of each agent have the order of the cases. */
export function createReport(run: RunFacts): Report {
  const { version, role, startedAt, seed, cases, agents } = run;
  const order = new Map(cases.map(({ id }, index) => [id, index]));
  const indexOf = ({ id }: CaseResult): number => order.get(id) ?? 0;
  const descriptions = cases.map(({ id, title, checks, section }) => ({
    id,
    group: groupOf(id).number,
    title,
    checks,
    section,
  }));
  const used = new Set(descriptions.map(({ group }) => group));
  return {
    format: "hawser-conform",
    formatVersion: 1,
    version,
    role,
    startedAt: startedAt.toISOString(),
    ms: Date.now() - startedAt.getTime(),
    seed,
    groups: groups
      .filter(({ number }) => used.has(number))
      .map(({ number, title }) => ({ number, title })),
    cases: descriptions,
    agents: Array.from(agents, ([name, results]) => ({
      name,
      counts: countOf(results),
      results: results.toSorted((a, b) => indexOf(a) - indexOf(b)),
    })),
  };
}

/** One verdict for a case: that of its end when it is bad, else that of what was heard. */
export function overall({ behavior, behaviorClose }: CaseResult): Verdict {
  return isFailure(behaviorClose) && !isFailure(behavior) ? behaviorClose : behavior;
}

/** How many results have which verdict, the best first. */
export function countOf(results: readonly CaseResult[]): Counts {
  const all = results.map(overall);
  const counts: Partial<Record<Verdict, number>> = {};
  for (const verdict of Object.keys(verdicts) as Verdict[]) {
    const count = all.filter((one) => one === verdict).length;
    if (count > 0) counts[verdict] = count;
  }
  return counts;
}

/** "OK 510, NON-STRICT 4". */
export function formatCounts(counts: Counts): string {
  return Object.entries(counts)
    .map(([verdict, count]) => `${verdict} ${count}`)
    .join(", ");
}

/** Whether the report should fail a script; strictly when only the best will do. */
export function hasFailed({ agents }: Report, isStrict: boolean): boolean {
  const verdictsOf = agents.flatMap(({ results }) => results.map(overall));
  const isBad = (verdict: Verdict): boolean =>
    isFailure(verdict) || (isStrict && (verdict === "NON-STRICT" || verdict === "UNIMPLEMENTED"));
  return verdictsOf.some(isBad);
}
