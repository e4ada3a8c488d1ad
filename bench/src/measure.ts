// One measurement: a fresh server, a fresh load beside it, and both ended whatever happens. Then many:
// the peers take turns, so that what else the machine does in these minutes falls on all of them.

import { Child } from "./child.ts";
import type { Job } from "./load.ts";
import type { Measurement } from "./measurement.ts";
import type { PeerName } from "./peers.ts";
import type { Scenario } from "./scenarios.ts";

/** How long a measurement may take beyond its own time before it counts as hanging. */
const patienceMs = 60_000;

export interface Plan {
  readonly scenarios: ReadonlyMap<string, Scenario>;
  readonly peers: readonly PeerName[];
  readonly rounds: number;
  readonly seconds: number;
}

/** All measurements of one peer in one scenario. */
export interface Series {
  readonly scenario: string;
  readonly peer: PeerName;
  readonly rounds: Measurement[];
}

/**
 * Carries out the plan.
 *
 * @param onTurn told before each measurement what comes
 */
export async function measureAll(
  plan: Plan,
  signal: AbortSignal,
  onTurn: (title: string) => void,
): Promise<Series[]> {
  const all: Series[] = [];
  for (const [name, scenario] of plan.scenarios) {
    const series = plan.peers.map((peer): Series => ({ scenario: name, peer, rounds: [] }));
    for (let round = 1; round <= plan.rounds; round++) {
      for (const { peer, rounds } of series) {
        onTurn(`${name}: ${peer}, round ${round} of ${plan.rounds}`);
        rounds.push(await measure(scenario, peer, plan.seconds, signal));
      }
    }
    all.push(...series);
  }
  return all;
}

async function measure(
  scenario: Scenario,
  peer: PeerName,
  seconds: number,
  interrupt: AbortSignal,
): Promise<Measurement> {
  const patience = AbortSignal.timeout(seconds * 1_000 + patienceMs);
  const signal = AbortSignal.any([interrupt, patience]);
  const messageBytes = scenario.kind === "echo" ? scenario.messageBytes : 1;
  const server = new Child("server.js", [peer, String(messageBytes)], ["--expose-gc"]);
  try {
    const port = (await server.message(signal)) as number;
    const job: Job = { scenario, target: { port, pid: server.pid, seconds } };
    const load = new Child("load.js", [JSON.stringify(job)]);
    try {
      return (await load.message(signal)) as Measurement;
    } finally {
      await load.end();
    }
  } finally {
    await server.end();
  }
}
