// Each worker counts for itself; the counts of all are added up.

import type { Tally } from "./page/result.ts";

export type Count = keyof Tally;

export function newTally(): Tally {
  return {
    sent: 0,
    received: 0,
    lost: 0,
    late: 0,
    reordered: 0,
    duplicated: 0,
    altered: 0,
    misdelivered: 0,
    unknown: 0,
    stalls: 0,
    unsent: 0,
    opened: 0,
    failed: 0,
    dropped: 0,
  };
}

export function addTally(sum: Tally, more: Readonly<Tally>): void {
  for (const name of Object.keys(sum) as Count[]) sum[name] += more[name];
}

/** What must not happen, with how it is told. */
export const faults: readonly (readonly [count: Count, description: string])[] = [
  ["lost", "never came back"],
  ["late", "came after the time for an answer"],
  ["reordered", "came after a later one"],
  ["duplicated", "came more than once"],
  ["altered", "came back changed"],
  ["misdelivered", "came to another connection"],
  ["stalls", "times a connection owed an answer and was silent"],
  ["unsent", "could not be sent at this rate"],
  ["failed", "connections could not be opened"],
  ["dropped", "connections ended early"],
];

export function isFaultless(tally: Readonly<Tally>): boolean {
  return faults.every(([count]) => tally[count] === 0);
}
