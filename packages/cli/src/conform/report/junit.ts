// A report as JUnit XML, which CI systems show: a suite for each agent and group, a test for each case.

import type { CaseResult } from "../engine/run-case.ts";
import { isFailure } from "../engine/verdict.ts";
import { escapeMarkup } from "./markup.ts";
import { overall, type Report } from "./model.ts";

export function formatJunit(report: Report): string {
  const suites = report.agents.flatMap((agent) =>
    report.groups.map((group) => {
      const ids = new Set(
        report.cases.filter((one) => one.group === group.number).map(({ id }) => id),
      );
      const results = agent.results.filter(({ id }) => ids.has(id));
      return suite(`${agent.name}: ${group.number} ${group.title}`, results, report);
    }),
  );
  const all = report.agents.flatMap(({ results }) => results);
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites name="hawser conform ${report.role}"${totals(all)}>`,
    ...suites,
    "</testsuites>",
    "",
  ].join("\n");
}

function suite(name: string, results: readonly CaseResult[], report: Report): string {
  const titles = new Map(report.cases.map(({ id, title }) => [id, title]));
  return [
    `<testsuite name="${escapeMarkup(name)}"${totals(results)} timestamp="${report.startedAt}">`,
    ...results.map((result) => {
      const title = escapeMarkup(`${result.id} ${titles.get(result.id) ?? ""}`);
      const className = escapeMarkup(name.replaceAll(".", " "));
      const head = `<testcase classname="${className}" name="${title}" time="${seconds(result.ms)}"`;
      const content = contentOf(result);
      return content === "" ? `${head}/>` : `${head}>${content}</testcase>`;
    }),
    "</testsuite>",
  ].join("\n");
}

function contentOf(result: CaseResult): string {
  const verdict = overall(result);
  if (verdict === "UNIMPLEMENTED") return `<skipped message="${verdict}"/>`;
  if (verdict === "OK") return "";
  const text = escapeMarkup(
    `expected: ${result.expected}\nbehavior ${result.behavior}: ${result.behaviorWhy}\n` +
      `close ${result.behaviorClose}: ${result.behaviorCloseWhy}\n`,
  );
  if (!isFailure(verdict)) return `<system-out>${verdict}\n${text}</system-out>`;
  return `<failure type="${verdict}" message="${verdict}">${text}</failure>`;
}

function totals(results: readonly CaseResult[]): string {
  const failures = results.filter((result) => isFailure(overall(result))).length;
  const skipped = results.filter((result) => overall(result) === "UNIMPLEMENTED").length;
  const ms = results.reduce((sum, result) => sum + result.ms, 0);
  return ` tests="${results.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${seconds(ms)}"`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
