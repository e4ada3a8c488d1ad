// A soak: rounds of load, and after each a sample of both processes at rest. The processes are ended
// whatever happens.

import type { Servers, Tally } from "./order.ts";
import type { Usage } from "./usage.ts";
import type { Sample } from "./verdict.ts";
import { Worker } from "./worker.ts";

export interface Settings {
  readonly seconds: number;
  readonly seed: number;
}

/** Told after each round; `total` is what was done so far. */
export type OnSample = (sample: Sample, total: Tally) => void;

/** That many rounds in a short run, so that there is a line to fit; and these, however long they take. */
const usualRounds = 15;
const fewestRounds = 9;
const longestRoundMs = 5_000;

/** @throws Error when a process ended or an order failed, and when the signal says so */
export async function soak(
  { seconds, seed }: Settings,
  signal: AbortSignal,
  onSample: OnSample,
): Promise<void> {
  const trouble = new AbortController();
  const interrupt = (): void => trouble.abort(new Error("interrupted"));
  signal.addEventListener("abort", interrupt, { once: true });
  const server = new Worker("server", trouble);
  const clients = new Worker("clients", trouble);
  try {
    const servers = (await server.ask("listen")) as Servers;
    await clients.ask("begin", { servers, seed });
    const total: Tally = { conversations: 0, messages: 0, bytes: 0, faults: [] };
    const started = performance.now();
    const elapsed = (): number => (performance.now() - started) / 1_000;
    const sample = async (): Promise<Sample> => ({
      seconds: elapsed(),
      clients: (await clients.ask("sample")) as Usage,
      server: (await server.ask("sample")) as Usage,
    });
    onSample({ ...(await sample()), seconds: 0 }, total);
    const roundMs = Math.min((seconds * 1_000) / usualRounds, longestRoundMs);
    for (let round = 0; elapsed() < seconds || round < fewestRounds; round++) {
      if (total.faults.length > 0) break;
      add(total, (await clients.ask("round", roundMs)) as Tally);
      onSample(await sample(), total);
    }
  } finally {
    await Promise.all([clients.end(), server.end()]);
  }
}

function add(total: Tally, round: Tally): void {
  total.conversations += round.conversations;
  total.messages += round.messages;
  total.bytes += round.bytes;
  total.faults.push(...round.faults);
}
