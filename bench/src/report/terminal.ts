// The report as a table for the terminal, and what it comes to.

import { columns } from "./cells.ts";
import { describeReport, type Report } from "./report.ts";

export function formatReport(report: Report): string {
  return [...describeReport(report), "", ...table(report), "", ...conclusion(report)].join("\n");
}

function table({ rows }: Report): string[] {
  const lines = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ cell }) => cell(row))),
  ];
  const widths = columns.map((_, i) => Math.max(...lines.map((cells) => cells[i]?.length ?? 0)));
  return lines.map((cells) =>
    columns
      .map(({ isNumber }, i) => {
        const [text, width] = [cells[i] as string, widths[i] as number];
        return isNumber ? text.padStart(width) : text.padEnd(width);
      })
      .join("  ")
      .trimEnd(),
  );
}

function conclusion({ rows, failures }: Report): string[] {
  const verdicts = rows.flatMap((row) => row.verdicts);
  const met = verdicts.filter(({ isMet }) => isMet).length;
  return [
    ...failures.map(({ scenario, peer, reason }) => `FAILED: ${scenario}, ${peer}: ${reason}`),
    `${met} of ${verdicts.length} goals met`,
  ];
}
