// The report of a run, as JSON and as a table for the terminal. It says what was compared with what,
// and where: figures without that are worth nothing.

import { createRequire } from "node:module";
import { cpus } from "node:os";
import { figureTitles } from "./measurement.ts";
import type { Plan } from "./measure.ts";
import type { Row } from "./summary.ts";

export interface Report {
  /** ISO 8601. */
  readonly date: string;
  readonly node: string;
  readonly hawser: string;
  readonly ws: string;
  readonly cores: number;
  readonly processor: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly rows: readonly Row[];
}

export function reportOf({ rounds, seconds }: Plan, rows: readonly Row[]): Report {
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    node: process.version,
    hawser: versionOf("hawser"),
    ws: versionOf("ws"),
    cores: processors.length,
    processor: processors[0]?.model ?? "unknown",
    rounds,
    seconds,
    rows,
  };
}

const columns = [
  "scenario",
  "figure",
  "peer",
  "median",
  "least–most",
  "× ws",
  "× floor",
  "cores",
  "note",
];
/** Columns of words; the others are of numbers. */
const leftColumns = 3;

export function formatReport(report: Report): string {
  const { node, hawser, ws, cores, processor, date, rounds, seconds } = report;
  const lines = [columns, ...report.rows.map(cellsOf)];
  const widths = columns.map((_, i) => Math.max(...lines.map((cells) => cells[i]?.length ?? 0)));
  const table = lines.map((cells) =>
    cells
      .map((cell, i) =>
        i < leftColumns ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  return [
    `hawser ${hawser} beside ws ${ws} and the floor of Node ${node}`,
    `${cores} cores (${processor}), ${date}; ${rounds} rounds, ${seconds} s each`,
    "",
    ...table,
  ].join("\n");
}

function cellsOf(row: Row): string[] {
  const { rounds, work } = row;
  return [
    row.scenario,
    figureTitles[row.figure],
    row.peer,
    digits(row.median),
    `${digits(Math.min(...rounds))}–${digits(Math.max(...rounds))}`,
    row.toWs?.toFixed(2) ?? "",
    row.toFloor?.toFixed(2) ?? "",
    work?.coresUsed.toFixed(2) ?? "",
    row.note ?? "",
  ];
}

/** Three significant digits. */
function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function versionOf(name: string): string {
  const manifest = createRequire(import.meta.url)(`${name}/package.json`) as { version: string };
  return manifest.version;
}
