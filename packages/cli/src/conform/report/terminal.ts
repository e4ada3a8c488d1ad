// The summary for people and logs: what each group has come to, and what was wrong where. What the peer
// has said is in it, and must not drive the terminal.

import { withoutControls } from "../../io.ts";
import type { CaseResult } from "../engine/run-case.ts";
import { isFailure, type Verdict } from "../engine/verdict.ts";
import { formatNumber } from "../wire/wire-log.ts";
import { type AgentReport, countOf, formatCounts, overall, type Report } from "./model.ts";

/** A color as the number of SGR, and what it is put around. */
export type Paint = (color: number, text: string) => string;

/** Colors for a terminal, and none where they would be in the way: https://no-color.org. */
export function paintFor(isTerminal: boolean, env: NodeJS.ProcessEnv = process.env): Paint {
  const isForced = (env["FORCE_COLOR"] ?? "0") !== "0";
  const isForbidden = (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb";
  if (isForbidden || !(isTerminal || isForced)) return (_color, text) => text;
  return (color, text) => `\u001B[${color}m${text}\u001B[0m`;
}

const colors: Readonly<Record<Verdict, number>> = {
  OK: 32,
  "NON-STRICT": 33,
  INFORMATIONAL: 36,
  UNIMPLEMENTED: 36,
  "FAILED BY CLIENT": 31,
  "WRONG CODE": 31,
  UNCLEAN: 31,
  FAILED: 31,
};

/** The lines of the summary. */
export function formatSummary(report: Report, paint: Paint): string[] {
  return report.agents.flatMap((agent) => [
    paint(1, withoutControls(`${agent.name} (${report.role})`)),
    ...report.groups.map((group) => groupLine(report, agent, group, paint)),
    ...figureLines(agent),
    ...wrongLines(report, agent, paint),
    `${agent.results.length} of ${report.cases.length} cases in ${(report.ms / 1000).toFixed(1)} s: ` +
      paintCounts(agent.results, paint),
  ]);
}

function groupLine(
  report: Report,
  agent: AgentReport,
  group: Report["groups"][number],
  paint: Paint,
): string {
  const ids = new Set(report.cases.filter((one) => one.group === group.number).map(({ id }) => id));
  const results = agent.results.filter(({ id }) => ids.has(id));
  const name = `${String(group.number).padStart(4)} ${group.title}`;
  return `${name.padEnd(38)}${paintCounts(results, paint)}`;
}

function paintCounts(results: readonly CaseResult[], paint: Paint): string {
  const counts = countOf(results);
  const painted = Object.entries(counts).map(([verdict, count]) =>
    paint(colors[verdict as Verdict], formatCounts({ [verdict]: count })),
  );
  return painted.join(", ") || "not run";
}

function wrongLines(report: Report, agent: AgentReport, paint: Paint): string[] {
  const titles = new Map(report.cases.map(({ id, title }) => [id, title]));
  return agent.results
    .filter((result) => isFailure(overall(result)))
    .flatMap((result) => {
      const verdict = overall(result);
      const causes = [
        [result.behavior, result.behaviorWhy],
        [result.behaviorClose, result.behaviorCloseWhy],
      ] as const;
      return [
        `${paint(colors[verdict], verdict)} ${result.id} ${titles.get(result.id) ?? ""}`,
        `    expected: ${withoutControls(result.expected)}`,
        ...new Set(
          causes.filter(([one]) => isFailure(one)).map(([, why]) => `    ${withoutControls(why)}`),
        ),
      ];
    });
}

function figureLines({ results }: AgentReport): string[] {
  return results.flatMap((result) => {
    const { id, figures } = result;
    if (figures === undefined || isFailure(overall(result))) return [];
    const { messages, contentOctets, ms } = figures;
    const rate = formatNumber(Math.round((messages * 1000) / ms));
    const mib = ((contentOctets * 1000) / ms / 2 ** 20).toFixed(1);
    return [
      `${id.padStart(9)} ${ms.toFixed(1).padStart(10)} ms ${rate.padStart(8)} messages/s ` +
        `${mib.padStart(8)} MiB/s`,
    ];
  });
}
