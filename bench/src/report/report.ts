// The report of a run: what was compared with what, and where. Figures without that are worth nothing.

import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { cpus, release } from "node:os";
import type { Plan, Series } from "../measure.ts";
import type { PeerName } from "../peer.ts";
import { runtimeOf } from "../runtime.ts";
import { type Failure, failuresIn, type Row, summarize } from "./summary.ts";

export interface Report {
  /** ISO 8601. */
  readonly date: string;
  readonly node: string;
  readonly kernel: string;
  /** Of the peers in the run that have one of their own. */
  readonly versions: Readonly<Record<string, string>>;
  readonly cores: number;
  readonly processor: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly rows: readonly Row[];
  readonly failures: readonly Failure[];
}

export function reportOf(plan: Plan, all: readonly Series[]): Report {
  const { rounds, seconds } = plan;
  const processors = cpus();
  const peers = new Set(all.map(({ peer }) => peer));
  return {
    date: new Date().toISOString(),
    node: process.version,
    kernel: release(),
    versions: Object.fromEntries([...peers].flatMap(versionOf)),
    cores: processors.length,
    processor: processors[0]?.model ?? "unknown",
    rounds,
    seconds,
    rows: summarize(all, plan.scenarios),
    failures: failuresIn(all),
  };
}

/** "hawser 0.1.0, ws 8.23.0, Node v20.20.2; 2 cores (…), Linux …" */
export function describeReport(report: Report): string[] {
  const { versions, node, cores, processor, kernel, date, rounds, seconds } = report;
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    [...names, `Node ${node}`].join(", "),
    `${cores} cores (${processor}), Linux ${kernel}, ${date}; ${rounds} rounds, ${seconds} s each`,
  ];
}

function versionOf(peer: PeerName): [string, string][] {
  if (peer === "floor" || peer === "http-floor") return [];
  if (peer === "bun") return [[peer, bunVersion()]];
  const name = peer === "ws+bufferutil" ? "bufferutil" : peer.replace(/^hawser\W.*/, "hawser");
  return [[name, packageVersion(name)]];
}

function packageVersion(name: string): string {
  const manifest = createRequire(import.meta.url)(`${name}/package.json`) as { version: string };
  return manifest.version;
}

function bunVersion(): string {
  return execFileSync(runtimeOf("bun").execPath, ["--version"], { encoding: "utf8" }).trim();
}
