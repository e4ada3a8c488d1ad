// A row of the report in words, the same in every form that it takes.

import { figureTitles } from "../measurement.ts";
import type { Row, Verdict } from "./summary.ts";

export interface Column {
  readonly title: string;
  readonly isNumber: boolean;
  readonly cell: (row: Row) => string;
}

export const columns: readonly Column[] = [
  { title: "scenario", isNumber: false, cell: ({ scenario }) => scenario },
  { title: "figure", isNumber: false, cell: ({ figure }) => figureTitles[figure] },
  { title: "peer", isNumber: false, cell: ({ peer }) => peer },
  { title: "median", isNumber: true, cell: ({ median }) => digits(median) },
  { title: "least–most", isNumber: true, cell: ({ rounds }) => range(rounds) },
  { title: "× ws", isNumber: true, cell: ({ toWs }) => ratio(toWs) },
  { title: "× floor", isNumber: true, cell: ({ toFloor }) => ratio(toFloor) },
  { title: "cores", isNumber: true, cell: ({ work }) => work?.coresUsed.toFixed(2) ?? "" },
  { title: "note", isNumber: false, cell: ({ note }) => note ?? "" },
  { title: "goals", isNumber: false, cell: goalsOf },
];

function goalsOf({ verdicts, median }: Row): string {
  return verdicts.map((verdict) => words(verdict, median)).join(", ");
}

/** "✗ 0.19 × ws (0.10)": what was reached, and in parentheses what was to be. */
function words({ goal, reached, limit, isMet }: Verdict, figure: number): string {
  const sign = isMet ? "✓" : "✗";
  if ("atMost" in goal) return `${sign} ${digits(reached)} (${digits(limit)})`;
  if (goal.plus === undefined) {
    return `${sign} ${reached.toFixed(2)} × ${goal.peer} (${goal.times.toFixed(2)})`;
  }
  return `${sign} ${digits(figure)} (${goal.peer} + ${goal.plus} = ${digits(limit)})`;
}

/** Three significant digits, or none behind the point. */
export function digits(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function range(rounds: readonly number[]): string {
  return `${digits(Math.min(...rounds))}–${digits(Math.max(...rounds))}`;
}

function ratio(value: number | null): string {
  return value?.toFixed(2) ?? "";
}
