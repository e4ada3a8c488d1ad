// The bench works, and what it is there to watch holds: with wide margins, because these runs are short
// and other tests run beside them. CPU time and memory bear that; elapsed time would not.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import type { FigureName } from "../dist/measurement.js";
import type { PeerName } from "../dist/peer.js";
import type { Report } from "../dist/report/report.js";

const main = join(import.meta.dirname, "../dist/main.js");

interface Run {
  readonly table: string;
  readonly report: Report;
  readonly chart: string;
}

/** Runs the bench; gives what it printed and what it wrote. */
async function bench(...flags: string[]): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), "hawser-bench-"));
  try {
    const file = join(folder, "report.json");
    const svg = join(folder, "new", "chart.svg");
    const args = [main, ...flags, "--json", file, "--svg", svg];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return {
      table: stdout,
      report: JSON.parse(await readFile(file, "utf8")) as Report,
      chart: await readFile(svg, "utf8"),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The flags that pick these. */
function pick(flag: "--scenario" | "--peer", ...names: string[]): string[] {
  return names.flatMap((name) => [flag, name]);
}

/** A figure of a peer, from the report of one scenario. */
function figure({ rows }: Report, name: FigureName, peer: PeerName): number {
  const row = rows.find((each) => each.figure === name && each.peer === peer);
  assert.ok(row, `no ${name} of ${peer}`);
  return row.median;
}

describe("npm run bench", () => {
  it("gives figures of every peer, and says where they are from", async () => {
    const flags = ["--scenario", "echo-64x1", "--seconds", "0.3", "--rounds", "1"];
    const { table, report, chart } = await bench(...flags);

    assert.deepEqual(
      report.rows.map(({ peer }) => peer),
      ["hawser", "hawser/ws", "ws", "floor", "socket.io", "hawser+tls", "hawser+h2"],
    );
    for (const row of report.rows) {
      assert.equal(row.scenario, "echo-64x1");
      assert.ok(row.median > 0, `${row.peer}: ${row.median}`);
      assert.deepEqual(row.rounds, [row.median]);
      assert.ok((row.toWs ?? 0) > 0 && (row.toFloor ?? 0) > 0);
      assert.ok((row.work?.perSecond ?? 0) > 0);
    }
    assert.equal(report.rows[0]?.verdicts.length, 2);
    assert.match(table, /^hawser \S+, ws \d\S+, socket\.io \d\S+, Node v\d/);
    assert.match(table, /^echo-64x1 +CPU µs per message +floor +\d/m);
    assert.match(table, /^\d of 4 goals met$/m);
    assert.match(chart, /^<svg [^]*echo of 64 B, 1 in flight/);
  });

  it("measures every other kind of scenario", async () => {
    const names = ["fan-out", "handshake", "client-64x16"];
    const flags = [...pick("--scenario", ...names), ...pick("--peer", "hawser", "undici")];
    const { report } = await bench(...flags, "--seconds", "0.3", "--rounds", "1");
    assert.deepEqual(
      report.rows.map(({ scenario, peer }) => `${scenario} ${peer}`),
      ["fan-out hawser", "handshake hawser", "client-64x16 hawser", "client-64x16 undici"],
    );
    assert.ok(report.rows.every(({ median }) => median > 0));
  });

  it("measures Hawser over HTTP/2, with TLS and without, shared and alone", async () => {
    const flags = [
      ...pick("--scenario", "echo-64x1", "echo-alone"),
      ...pick("--peer", "hawser+h2", "hawser+h2c"),
    ];
    const { report } = await bench(...flags, "--seconds", "0.3", "--rounds", "1");
    assert.deepEqual(
      report.rows.map(({ scenario, peer }) => `${scenario} ${peer}`),
      [
        "echo-64x1 hawser+h2c",
        "echo-64x1 hawser+h2",
        "echo-alone hawser+h2c",
        "echo-alone hawser+h2",
      ],
    );
    assert.ok(report.rows.every(({ median }) => median > 0));
    const [shared, alone] = ["echo-64x1", "echo-alone"].map((name) =>
      report.rows.find(({ scenario, peer }) => scenario === name && peer === "hawser+h2"),
    );
    assert.ok((shared?.median ?? 0) < (alone?.median ?? 0), "sharing saves nothing");
  });

  it("measures servers that compress", async () => {
    const flags = ["--scenario", "echo-deflate", "--peer", "ws", "--seconds", "0.3"];
    const { report } = await bench(...flags, "--rounds", "1");
    assert.ok(figure(report, "cpuPerMessageUs", "ws") > 0);
  });

  it("echo-64x16: a message costs Hawser at most a third of what it costs ws", async () => {
    const flags = ["--scenario", "echo-64x16", "--seconds", "1", "--rounds", "3"];
    const { report } = await bench(...flags, ...pick("--peer", "hawser", "ws"));
    const hawser = figure(report, "cpuPerMessageUs", "hawser");
    const ws = figure(report, "cpuPerMessageUs", "ws");
    assert.ok(hawser <= ws / 3, `hawser ${hawser} µs, ws ${ws} µs`);
  });

  it("idle-memory: an idle connection takes at most 1.2 times the memory of one of ws", async () => {
    const flags = ["--scenario", "idle-memory", "--rounds", "1"];
    const { report } = await bench(...flags, ...pick("--peer", "hawser", "ws"));
    const hawser = figure(report, "rssPerConnectionKiB", "hawser");
    const ws = figure(report, "rssPerConnectionKiB", "ws");
    assert.ok(hawser > 0 && hawser <= ws * 1.2, `hawser ${hawser} KiB, ws ${ws} KiB`);
  });
});
