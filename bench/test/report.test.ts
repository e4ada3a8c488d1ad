// The forms that a report takes, on a report that is made up.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { chartOf } from "../dist/report/chart.js";
import { insertRun, pages } from "../dist/report/docs-page.js";
import { type PeerName, peersOnRequest } from "../dist/peer.js";
import type { Report } from "../dist/report/report.js";
import type { Row } from "../dist/report/summary.js";
import { formatReport } from "../dist/report/terminal.js";
import { scenarios } from "../dist/scenarios.js";

const row: Row = {
  scenario: "echo",
  title: "echo of < 64 B",
  figure: "cpuPerMessageUs",
  peer: "hawser",
  median: 2,
  rounds: [1, 2, 123.4],
  toWs: 0.5,
  toFloor: null,
  work: { perSecond: 1, coresUsed: 0.9, coresWanted: 1 },
  note: null,
  verdicts: [
    { goal: { peer: "ws", times: 0.25 }, reached: 0.5, limit: 1, isMet: false },
    { goal: { atMost: 8 }, reached: 2, limit: 8, isMet: true },
  ],
};

const report: Report = {
  date: "2026-11-21T12:00:00.000Z",
  node: "v20.20.2",
  kernel: "6.1",
  versions: { hawser: "0.1.0", ws: "8.23.0" },
  cores: 2,
  processor: "some",
  rounds: 3,
  seconds: 2,
  rows: [row, { ...row, peer: "ws", median: 4, note: "crowded", verdicts: [] }],
  failures: [{ scenario: "echo", peer: "floor", reason: "it ended" }],
};

describe("the report", () => {
  it("is a table with ratios and verdicts, and says what failed", () => {
    const lines = formatReport(report).split("\n");
    assert.match(lines[0] as string, /^hawser 0\.1\.0, ws 8\.23\.0, Node v20\.20\.2$/);
    assert.match(
      lines.find((line) => /hawser +2\.00/.test(line)) ?? "",
      /1\.00–123 +0\.50 +0\.90 +✗ 0\.50 × ws \(0\.25\), ✓ 2\.00 \(8\.00\)$/,
    );
    assert.deepEqual(lines.slice(-2), ["FAILED: echo, floor: it ended", "1 of 2 goals met"]);
  });

  it("is a chart with a bar for each peer, the longest the costliest", () => {
    const svg = chartOf(report);
    const widths = [...svg.matchAll(/<rect class="(?:hawser|bar)"[^>]* width="([\d.]+)"/g)];
    const [hawser, ws] = widths.map((match) => Number(match[1])) as [number, number];
    assert.ok(Math.abs(ws / hawser - 2) < 0.01);
    assert.match(svg, /echo of &lt; 64 B/);
    assert.match(svg, /\* crowded/);
  });

  for (const [name, linesOf] of Object.entries(pages)) {
    it(`takes the place of the one before it in ${name}, and of nothing else`, async () => {
      const page = await readFile(join(import.meta.dirname, "../../docs", name), "utf8");
      const once = insertRun(page, report, linesOf);
      assert.ok(once.includes("\nhawser 0.1.0, ws 8.23.0, Node v20.20.2  \n"));
      assert.equal(insertRun(once, report, linesOf), once);
      const around = (text: string) =>
        text.replace(/(<!-- bench: begin)[^]*(<!-- bench: end)/, "$1$2");
      assert.equal(around(once), around(page));
      assert.throws(() => insertRun("no markers", report, linesOf), /markers/);
    });
  }

  it("is a table of all rows in the page about performance", () => {
    const lines = pages["explanation/performance.md"]?.(report) ?? [];
    assert.match(lines.join("\n"), /^\| echo \| CPU µs per message \| ws \| 4\.00 \|/m);
  });

  it("is a table of HTTP/2 beside HTTP/1.1 in the page about HTTP/2, each figure where it belongs", () => {
    const found = (scenario: string, peer: PeerName, median: number): Row => ({
      ...row,
      scenario,
      peer,
      median,
    });
    const rows = [
      found("echo-64x1", "hawser", 1),
      found("echo-64x1", "ws", 9),
      found("echo-64x1", "hawser+tls", 2),
      found("echo-64x1", "hawser+h2", 3),
      found("echo-alone", "hawser+h2", 4),
      found("idle-alone", "hawser+h2", 56.78),
    ];
    const lines = pages["how-to/http2.md"]?.({ ...report, rows }) ?? [];
    assert.match(lines[3] as string, /one in flight.* \| 1\.00 \| 2\.00 \| 3\.00 \| 4\.00 \|$/);
    assert.match(lines[4] as string, /idle.* \|  \|  \|  \| 56\.8 \|$/);
  });

  it("has a figure for everything in the page about HTTP/2 after a whole run, but for what is not measured", () => {
    const rows = [...scenarios].flatMap(([scenario, { peers }]) =>
      peers
        .filter((peer) => !peersOnRequest.has(peer))
        .map((peer): Row => ({ ...row, scenario, peer })),
    );
    const lines = pages["how-to/http2.md"]?.({ ...report, rows }) ?? [];
    const empty = lines.slice(2).flatMap((line) => line.match(/\|  (?=\|)/g) ?? []);
    assert.equal(empty.length, 1);
  });
});
