// Runs `hawser bench` as its users do, and gives what it wrote.

import assert from "node:assert/strict";
import { type ListenOptions, type Server, serve, type ServerOptions } from "hawser";
import type { BenchResult } from "../../dist/bench/page/result.js";
import { run } from "../../dist/index.js";
import { MemoryIo } from "../memory-io.js";

export interface Outcome {
  readonly exitCode: number;
  readonly result: BenchResult;
  readonly stderr: string;
}

/** A run that is short unless the arguments say something else. */
export async function bench(url: string, ...argv: string[]): Promise<Outcome> {
  const io = new MemoryIo();
  const brief = ["--warm-up", "0", "--duration", "150ms", "--timeout", "1s", "-c", "2"];
  const exitCode = await run(["bench", url, ...brief, ...argv, "--json", "-"], io);
  assert.ok(io.stdout.text !== "", io.stderr.text);
  const result = JSON.parse(io.stdout.text) as BenchResult;
  return { exitCode, result, stderr: io.stderr.text };
}

export function listen<Data = unknown>(
  options: ServerOptions<Data> & ListenOptions,
): Promise<Server<Data>> {
  return serve<Data>({ hostname: "127.0.0.1", port: 0, ...options });
}

/** The counts that are not 0, of those that must be. */
export function faultsOf({ counts }: BenchResult): string[] {
  const {
    sent: _sent,
    received: _received,
    opened: _opened,
    unknown: _unknown,
    ...faults
  } = counts;
  return Object.entries(faults)
    .filter(([, count]) => count > 0)
    .map(([name]) => name);
}
