// The page of the documentation that holds a run: everything between its two markers is written by
// `npm run bench -- --docs` and by nobody else, so no figure there can be made up. What is around them
// stays as it is.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chartOf } from "./chart.ts";
import { columns } from "./cells.ts";
import { describeReport, type Report } from "./report.ts";

const folder = join(import.meta.dirname, "../../../docs/explanation");
const pageFile = join(folder, "performance.md");
const chartName = "performance.svg";

const begin = "<!-- bench: begin; written by `npm run bench -- --docs` -->";
const end = "<!-- bench: end -->";

/** @throws Error when something failed in the run, or the page has no markers */
export async function writeDocs(report: Report): Promise<void> {
  if (report.failures.length > 0) throw new Error("not for the docs: a measurement failed");
  const page = await readFile(pageFile, "utf8");
  await writeFile(pageFile, insertReport(page, report));
  await writeFile(join(folder, chartName), chartOf(report));
}

/** The page with this report in the place of the one that it holds. */
export function insertReport(page: string, report: Report): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new Error(`${pageFile} has lost its markers`);
  const [versions = "", machine = ""] = describeReport(report);
  const lines = [
    begin,
    "",
    `${versions}  `,
    machine,
    "",
    `![The medians as bars](${chartName})`,
    "",
    row(columns.map(({ title }) => title)),
    row(columns.map(({ isNumber }) => (isNumber ? "--:" : "---"))),
    ...report.rows.map((each) => row(columns.map(({ cell }) => cell(each)))),
    "",
  ];
  return `${page.slice(0, from)}${lines.join("\n")}\n${page.slice(to)}`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
