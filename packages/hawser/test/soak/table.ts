// The samples as lines of text.

import type { Tally } from "./order.ts";
import type { Usage } from "./usage.ts";
import type { Sample } from "./verdict.ts";

const MiB = 1024 * 1024;

/** Title and width of each column. */
const columns: readonly (readonly [title: string, width: number])[] = [
  ["s", 6],
  ["talks", 8],
  ["messages", 10],
  ["content", 9],
  ...(["server", "clients"] as const).flatMap(
    (name) =>
      [
        [name, 9],
        ["heap", 7],
        ["external", 9],
        ["buffers", 8],
        ["RSS", 7],
        ["fds", 5],
      ] as const,
  ),
];

export function header(): string {
  return columns.map(([title, width]) => title.padStart(width)).join("");
}

/** @param total what was done so far */
export function row({ seconds, server, clients }: Sample, total: Omit<Tally, "faults">): string {
  const usage = (of: Usage): string[] => [
    "",
    mebibytes(of.heapBytes),
    mebibytes(of.externalBytes),
    mebibytes(of.arrayBufferBytes),
    mebibytes(of.rssBytes),
    String(of.descriptors),
  ];
  const cells = [
    seconds.toFixed(0),
    String(total.conversations),
    String(total.messages),
    (total.bytes / MiB).toFixed(0),
    ...usage(server),
    ...usage(clients),
  ];
  return cells.map((cell, index) => cell.padStart(columns[index]?.[1] ?? 0)).join("");
}

function mebibytes(bytes: number): string {
  return (bytes / MiB).toFixed(1);
}
