// Where reports are written.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { formatHtml } from "./html.ts";
import { formatJunit } from "./junit.ts";
import type { Report } from "./model.ts";

/** Paths of the reports that are wanted. */
export interface ReportFiles {
  readonly json?: string;
  readonly junit?: string;
  /** A file, when its name has an ending, or a folder for an index.html. */
  readonly html?: string;
}

/** @returns the paths that were written */
export async function writeReports(report: Report, files: ReportFiles): Promise<string[]> {
  const { json, junit, html } = files;
  const page = html !== undefined && extname(html) === "" ? join(html, "index.html") : html;
  const wanted: readonly (readonly [string | undefined, () => string])[] = [
    [json, () => `${JSON.stringify(report, undefined, 1)}\n`],
    [junit, () => formatJunit(report)],
    [page, () => formatHtml(report)],
  ];
  const written: string[] = [];
  for (const [path, format] of wanted) {
    if (path === undefined) continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, format());
    written.push(path);
  }
  return written;
}
