// Tables as pages of the documentation have them.

export interface Cells {
  readonly title: string;
  readonly isNumber: boolean;
}

/** The lines of a table. */
export function markdownTable(
  columns: readonly Cells[],
  rows: readonly (readonly string[])[],
): string[] {
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map(({ isNumber }) => (isNumber ? "--:" : "---"))),
    ...rows.map(line),
  ];
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
