// One measurement: a fresh server, a fresh load beside it, and both ended whatever happens. Then many:
// the peers take turns, so that what else the machine does in these minutes falls on all of them.

import { Child } from "./child.ts";
import type { Job } from "./load.ts";
import type { Measurement, Outcome } from "./measurement.ts";
import type { PeerName, Service } from "./peer.ts";
import { runtimeOf } from "./runtime.ts";
import type { Scenario, ServerScenario } from "./scenarios.ts";

/** How long a measurement may take beyond its own time before it counts as hanging. */
const patienceMs = 60_000;

export interface Plan {
  readonly scenarios: ReadonlyMap<string, Scenario>;
  /** Who takes part where they can. */
  readonly peers: readonly PeerName[];
  readonly rounds: number;
  readonly seconds: number;
}

/** All measurements of one peer in one scenario. */
export interface Series {
  readonly scenario: string;
  readonly peer: PeerName;
  readonly rounds: Measurement[];
  /** Why there are no more of them. */
  failure?: string;
}

/**
 * Carries out the plan. A peer that failed in a scenario is not measured again in that one.
 *
 * @param onTurn told before each measurement what comes, and how one failed
 */
export async function measureAll(
  plan: Plan,
  signal: AbortSignal,
  onTurn: (title: string) => void,
): Promise<Series[]> {
  const all: Series[] = [];
  for (const [name, scenario] of plan.scenarios) {
    const peers = scenario.peers.filter((peer) => plan.peers.includes(peer));
    const series = peers.map((peer): Series => ({ scenario: name, peer, rounds: [] }));
    all.push(...series);
    for (let round = 1; round <= plan.rounds; round++) {
      for (const one of series.filter(({ failure }) => failure === undefined)) {
        onTurn(`${name}: ${one.peer}, round ${round} of ${plan.rounds}`);
        try {
          one.rounds.push(await measure(scenario, one.peer, plan.seconds, signal));
        } catch (error) {
          signal.throwIfAborted();
          one.failure = (error as Error).message;
          onTurn(`${name}: ${one.peer} failed: ${one.failure}`);
        }
      }
    }
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
  if (scenario.kind === "client") return runLoad({ scenario, peer, seconds }, signal);
  const service = JSON.stringify(serviceFor(scenario));
  const server = new Child("server.js", [peer, service], runtimeOf(peer, true));
  try {
    const port = (await server.message(signal)) as number;
    return await runLoad({ scenario, target: { peer, port, pid: server.pid, seconds } }, signal);
  } finally {
    await server.end();
  }
}

async function runLoad(job: Job, signal: AbortSignal): Promise<Measurement> {
  const load = new Child("load.js", [JSON.stringify(job)], runtimeOf("floor"));
  try {
    const outcome = (await load.message(signal)) as Outcome;
    if ("failure" in outcome) throw new Error(outcome.failure);
    return outcome.measurement;
  } finally {
    await load.end();
  }
}

function serviceFor({ kind, messageBytes, deflate = false }: ServerScenario): Service {
  return { answers: kind === "fan-out" ? "all" : "sender", messageBytes, deflate };
}
