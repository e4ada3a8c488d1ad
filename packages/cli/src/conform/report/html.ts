// A report as one page that needs nothing else, not even a script: an index of agents and cases, and
// each case with what it checks, what was expected, its verdicts and its wire log.

import type { CaseResult } from "../engine/run-case.ts";
import { isFailure, type Verdict, verdicts } from "../engine/verdict.ts";
import { formatNumber, type LogEntry } from "../wire/wire-log.ts";
import { pageStyle } from "./html-style.ts";
import { escapeMarkup } from "./markup.ts";
import {
  type AgentReport,
  type CaseDescription,
  formatCounts,
  overall,
  type Report,
} from "./model.ts";

type Results = ReadonlyMap<AgentReport, ReadonlyMap<string, CaseResult>>;

export function formatHtml(report: Report): string {
  const results: Results = new Map(
    report.agents.map((agent) => [agent, new Map(agent.results.map((one) => [one.id, one]))]),
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Conformance: ${escapeMarkup(report.agents.map(({ name }) => name).join(", "))}</title>
<style>${pageStyle}</style>
</head>
<body>
<header>
<h1>WebSocket conformance of ${report.role}s</h1>
<p>${escapeMarkup(`hawser conform ${report.version}, ${minuteOf(report.startedAt)}, seed ${report.seed}`)},
${(report.ms / 1000).toFixed(1)} seconds</p>
</header>
<main>
${report.agents.map((agent) => indexOf(report, agent, results)).join("\n")}
${legend()}
<p><label><input type="checkbox" id="only"> only what is not OK</label></p>
${report.groups.map((group) => groupSection(report, group, results)).join("\n")}
</main>
</body>
</html>
`;
}

function indexOf(report: Report, agent: AgentReport, results: Results): string {
  const rows = report.groups.map(({ number, title }) => {
    const cells = casesOf(report, number).map((testCase) => {
      const result = results.get(agent)?.get(testCase.id);
      const verdict = result && overall(result);
      const tip = escapeMarkup(`${testCase.id} ${testCase.title}: ${verdict ?? "not run"}`);
      const name = testCase.id.slice(testCase.id.indexOf(".") + 1);
      return `<a class="cell ${classOf(verdict)}" href="#case-${testCase.id}" title="${tip}">${name}</a>`;
    });
    return `<tr><th scope="row">${number} ${escapeMarkup(title)}</th><td>${cells.join("")}</td></tr>`;
  });
  return `<section>
<h2>${escapeMarkup(agent.name)}</h2>
<p>${agent.results.length} of ${report.cases.length} cases: <strong>${formatCounts(agent.counts)}</strong></p>
<table class="index">${rows.join("\n")}</table>
</section>`;
}

function legend(): string {
  const items = Object.entries(verdicts).map(
    ([verdict, meaning]) => `<li>${pill(verdict as Verdict)} ${escapeMarkup(meaning)}</li>`,
  );
  return `<details><summary>What the verdicts mean</summary><ul>${items.join("\n")}</ul></details>`;
}

function groupSection(
  report: Report,
  { number, title }: Report["groups"][number],
  results: Results,
): string {
  const cases = casesOf(report, number).map((testCase) => caseSection(report, testCase, results));
  return `<section><h2>${number} ${escapeMarkup(title)}</h2>\n${cases.join("\n")}</section>`;
}

function caseSection(report: Report, testCase: CaseDescription, results: Results): string {
  const { id, title, checks, section } = testCase;
  const ofAgents = report.agents.map((agent) => results.get(agent)?.get(id));
  const isFine = ofAgents.every((result) => result !== undefined && overall(result) === "OK");
  const pills = ofAgents.map((result) => pill(result && overall(result))).join(" ");
  const parts = report.agents.map((agent, index) => {
    const result = ofAgents[index];
    const name = report.agents.length > 1 ? `<h3>${escapeMarkup(agent.name)}</h3>` : "";
    return name + (result === undefined ? "<p>not run</p>" : resultSection(result));
  });
  return `<details class="case${isFine ? " fine" : ""}">
<summary><span class="id">${id}</span> <span class="title">${escapeMarkup(title)}</span> ${pills}</summary>
<div class="content" id="case-${id}">
<p>${escapeMarkup(checks)} ${sectionLinks(section)}</p>
${parts.join("\n")}
</div>
</details>`;
}

function resultSection(result: CaseResult): string {
  const { behavior, behaviorWhy, behaviorClose, behaviorCloseWhy, expected, closeCode } = result;
  const code = closeCode === null ? "none" : `${closeCode} ${result.closeReason}`;
  const rows: readonly (readonly [string, string])[] = [
    ["Expected", escapeMarkup(expected)],
    ["Heard", `${pill(behavior)} ${escapeMarkup(behaviorWhy)}`],
    ["End", `${pill(behaviorClose)} ${escapeMarkup(behaviorCloseWhy)}`],
    ["Close code of the peer", escapeMarkup(code)],
    ["Time", `${result.ms.toFixed(1)} ms${figuresText(result)}`],
  ];
  return `<dl>${rows.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join("\n")}</dl>
<pre class="log">${result.log.map(logLine).join("\n")}</pre>`;
}

function figuresText({ figures }: CaseResult): string {
  if (figures === undefined) return "";
  const { messages, contentOctets, wireOctetsOut, wireOctetsIn, ms } = figures;
  const rate = formatNumber(Math.round((messages * 1000) / ms));
  const octets = [contentOctets, wireOctetsOut, wireOctetsIn].map(formatNumber);
  return (
    `; ${formatNumber(messages)} messages in ${ms.toFixed(1)} ms, ${rate} a second; octets: ` +
    `${octets[0]} of content, ${octets[1]} sent, ${octets[2]} received`
  );
}

const arrows = { tester: "→", peer: "←", note: "·" } as const;

function logLine({ ms, from, text, octets }: LogEntry): string {
  const time = ms.toFixed(1).padStart(8);
  const lines = escapeMarkup(text).replaceAll("\n", `\n${" ".repeat(11)}`);
  const hex = octets === undefined ? "" : `\n${" ".repeat(11)}<i>${escapeMarkup(octets)}</i>`;
  return `<span class="${from}">${time} ${arrows[from]} ${lines}${hex}</span>`;
}

/** The sections as links to where the RFCs are. */
function sectionLinks(text: string): string {
  let rfc = "6455";
  return text
    .split(", ")
    .map((part) => {
      rfc = /RFC (\d+)/.exec(part)?.[1] ?? rfc;
      const section = /§([\d.]+)/.exec(part)?.[1];
      const anchor = section === undefined ? "" : `#section-${section}`;
      return `<a href="https://www.rfc-editor.org/rfc/rfc${rfc}${anchor}">${escapeMarkup(part)}</a>`;
    })
    .join(", ");
}

function casesOf(report: Report, group: number): CaseDescription[] {
  return report.cases.filter((testCase) => testCase.group === group);
}

function pill(verdict: Verdict | undefined): string {
  return `<span class="pill ${classOf(verdict)}">${verdict ?? "not run"}</span>`;
}

function classOf(verdict: Verdict | undefined): string {
  if (verdict === undefined) return "none";
  if (isFailure(verdict)) return "bad";
  return verdict === "OK" ? "good" : verdict === "NON-STRICT" ? "so-so" : "info";
}

/** "2026-11-21 22:36 UTC", of an ISO time. */
function minuteOf(iso: string): string {
  return `${iso.slice(0, 16).replace("T", " ")} UTC`;
}
