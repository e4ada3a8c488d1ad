// The pages of the documentation that hold a run: everything between the two markers of a page is written by
// `npm run bench -- --docs` and by nobody else, so no figure there can be made up. What is around them
// stays as it is.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chartOf } from "./chart.ts";
import { columns } from "./cells.ts";
import { http2Table } from "./http2-table.ts";
import { markdownTable } from "./markdown.ts";
import { describeReport, type Report } from "./report.ts";

const folder = join(import.meta.dirname, "../../../docs");
const chartName = "performance.svg";

const begin = "<!-- bench: begin; written by `npm run bench -- --docs` -->";
const end = "<!-- bench: end -->";

/** The pages, and what each has of a report. */
export const pages: Readonly<Record<string, (report: Report) => string[]>> = {
  "explanation/performance.md": ({ rows }) => [
    `![The medians as bars](${chartName})`,
    "",
    ...markdownTable(
      columns,
      rows.map((row) => columns.map(({ cell }) => cell(row))),
    ),
  ],
  "how-to/http2.md": ({ rows }) => http2Table(rows),
};

/** @throws Error when something failed in the run, or a page has no markers */
export async function writeDocs(report: Report): Promise<void> {
  if (report.failures.length > 0) throw new Error("not for the docs: a measurement failed");
  for (const [name, linesOf] of Object.entries(pages)) {
    const file = join(folder, name);
    await writeFile(file, insertRun(await readFile(file, "utf8"), report, linesOf));
  }
  await writeFile(join(folder, "explanation", chartName), chartOf(report));
}

/** The page with this run in the place of the one that it holds: where it was, and these lines. */
export function insertRun(
  page: string,
  report: Report,
  linesOf: (report: Report) => readonly string[],
): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new Error("a page has lost its markers");
  const [versions = "", machine = ""] = describeReport(report);
  const lines = [begin, "", `${versions}  `, machine, "", ...linesOf(report), ""];
  return `${page.slice(0, from)}${lines.join("\n")}\n${page.slice(to)}`;
}
