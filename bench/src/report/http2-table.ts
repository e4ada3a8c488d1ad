// What HTTP/2 costs beside HTTP/1.1, of the figures of a whole run: a line for each thing done, a column for each
// way to do it.

import type { PeerName } from "../peer.ts";
import { digits } from "./cells.ts";
import { markdownTable } from "./markdown.ts";
import type { Row } from "./summary.ts";

/** Where a figure is found; undefined where it is not measured. */
type Source = readonly [scenario: string, peer: PeerName] | undefined;

const ways = ["HTTP/1.1", "HTTP/1.1, TLS", "HTTP/2, TLS, shared", "HTTP/2, TLS, alone"] as const;

const things: readonly (readonly [title: string, sources: readonly Source[]])[] = [
  [
    "echo of 64 B, 16 in flight, CPU µs per message",
    [
      ["echo-64x16", "hawser"],
      ["echo-64x16", "hawser+tls"],
      ["echo-64x16", "hawser+h2"],
      undefined,
    ],
  ],
  [
    "echo of 64 B, one in flight, CPU µs per message",
    [
      ["echo-64x1", "hawser"],
      ["echo-64x1", "hawser+tls"],
      ["echo-64x1", "hawser+h2"],
      ["echo-alone", "hawser+h2"],
    ],
  ],
  [
    "idle connection, KiB of memory",
    [
      ["idle-memory", "hawser"],
      ["idle-alone", "hawser+tls"],
      ["idle-memory", "hawser+h2"],
      ["idle-alone", "hawser+h2"],
    ],
  ],
];

export function http2Table(rows: readonly Row[]): string[] {
  const cell = (source: Source): string => {
    const found = rows.find(({ scenario, peer }) => scenario === source?.[0] && peer === source[1]);
    return found === undefined ? "" : digits(found.median);
  };
  return markdownTable(
    [{ title: "", isNumber: false }, ...ways.map((title) => ({ title, isNumber: true }))],
    things.map(([title, sources]) => [title, ...sources.map(cell)]),
  );
}
