// A whole run of either role: cases, progress, reports, exit code.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Io, say } from "../io.ts";
import type { Case } from "./engine/case.ts";
import { groupOf } from "./groups/index.ts";
import { type ReportFiles, writeReports } from "./report/files.ts";
import { formatHtml } from "./report/html.ts";
import { createReport, hasFailed, type Report } from "./report/model.ts";
import { formatSummary, paintFor } from "./report/terminal.ts";
import { TesterServer } from "./roles/client.ts";
import { probe, type ServerTarget, testServer } from "./roles/server.ts";
import { WireFault } from "./wire/frame-reader.ts";
import { count, WireLog } from "./wire/wire-log.ts";

/** What both roles need. */
export interface ConformSettings {
  readonly cases: readonly Case[];
  readonly seed: string;
  readonly isStrict: boolean;
  readonly files: ReportFiles;
  readonly version: string;
}

export interface ServerSettings extends ConformSettings {
  readonly target: ServerTarget;
  readonly parallel: number;
  /** What the server calls itself by default. */
  readonly agent: string | undefined;
}

export interface ClientSettings extends ConformSettings {
  readonly port: number;
  readonly host: string;
  /** Whether to end when a client asks for its report. */
  readonly once: boolean;
  /** The client under test, if it is to be run: a program and its arguments. */
  readonly command: readonly string[];
}

/** The exit codes of the command. */
const exitCodes = { good: 0, failed: 1, notTested: 2 } as const;

/** Tests a server; resolves with the exit code. */
export async function conformServer(settings: ServerSettings, io: Io): Promise<number> {
  const { target, cases, parallel, seed } = settings;
  const startedAt = new Date();
  let name: string;
  try {
    const own = await probe(target, new WireLog());
    name = settings.agent ?? own ?? target.url.host;
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
    say(io, `hawser: ${error.message}`);
    return exitCodes.notTested;
  }
  const progress = new Progress(cases.length, io);
  // Figures are worth nothing when other cases run beside.
  const isSlow = ({ id }: Case): boolean => groupOf(id).isPerformance;
  const common = { seed, signal: io.signal, onResult: () => progress.step() };
  const functional = cases.filter((testCase) => !isSlow(testCase));
  const results = [
    ...(await testServer(target, { ...common, cases: functional, parallel })),
    ...(await testServer(target, { ...common, cases: cases.filter(isSlow), parallel: 1 })),
  ];
  progress.end();
  const agents = new Map([[name, results]]);
  return finish(createReport({ ...settings, role: "server", startedAt, agents }), settings, io);
}

/**
 * Serves clients that are tested until Ctrl+C, or the end of the client's command; resolves with the
 * exit code.
 */
export async function conformClient(settings: ClientSettings, io: Io): Promise<number> {
  const { cases, files, command } = settings;
  const startedAt = new Date();
  const ended = new AbortController();
  const report = (): Report =>
    createReport({ ...settings, role: "client", startedAt, agents: server.results });
  const server = new TesterServer({
    ...settings,
    async onUpdateReports(agent) {
      say(io, `${agent}: ${server.results.get(agent)?.length ?? 0} of ${cases.length} cases`);
      await writeReports(report(), files);
      if (settings.once) ended.abort();
    },
    page: () => formatHtml(report()),
  });
  const url = await server.listen();
  say(io, `${count(cases.length, "case")} for clients on ${url}; Ctrl+C ends and reports`);
  const signal = AbortSignal.any([io.signal, ended.signal]);
  if (command.length > 0) await runCommand(command, url, signal, io);
  else if (!signal.aborted) await once(signal, "abort");
  await server.close();
  return finish(report(), settings, io);
}

/** Runs the client under test until it ends; what it prints goes to our stderr. */
async function runCommand(
  [program = "", ...args]: readonly string[],
  url: string,
  signal: AbortSignal,
  io: Io,
): Promise<void> {
  const env = { ...process.env, HAWSER_CONFORM_URL: url };
  const child = spawn(program, args, { env, signal, stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.on("data", (chunk: Buffer) => io.stderr.write(chunk));
  child.stderr.on("data", (chunk: Buffer) => io.stderr.write(chunk));
  try {
    const [code] = (await once(child, "close")) as [number | null];
    if (code !== 0) say(io, `hawser: ${program} has ended with exit code ${String(code)}`);
  } catch (error) {
    if (!signal.aborted) say(io, `hawser: can't run ${program}: ${(error as Error).message}`);
  }
}

async function finish(report: Report, settings: ConformSettings, io: Io): Promise<number> {
  const paint = paintFor(io.stdout.isTTY === true);
  for (const line of formatSummary(report, paint)) io.stdout.write(`${line}\n`);
  for (const path of await writeReports(report, settings.files)) say(io, `written: ${path}`);
  if (report.agents.every(({ results }) => results.length === 0)) {
    say(io, "hawser: no case was run");
    return exitCodes.notTested;
  }
  return hasFailed(report, settings.isStrict) ? exitCodes.failed : exitCodes.good;
}

/** How far a run is, on a terminal. */
class Progress {
  readonly #total: number;
  readonly #stream: (Io["stderr"] & { readonly isTTY?: boolean }) | undefined;
  #count = 0;

  constructor(total: number, { stderr }: Io) {
    this.#total = total;
    const stream: Io["stderr"] & { readonly isTTY?: boolean } = stderr;
    if (stream.isTTY === true) this.#stream = stream;
  }

  step(): void {
    this.#count++;
    this.#stream?.write(`\r${this.#count} of ${this.#total} cases`);
  }

  end(): void {
    if (this.#count > 0) this.#stream?.write("\r\u001B[K");
  }
}
