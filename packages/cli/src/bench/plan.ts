// What a run is to do, and what each worker does of it. A plan goes to the workers as a message, so it is data only.

import type { ConnectOptions } from "hawser";
import type { ScenarioName } from "./page/result.ts";

export interface Plan {
  readonly scenario: ScenarioName;
  readonly url: string;
  /** For `connect` of hawser. */
  readonly connect: ConnectOptions;
  /** Of echo and idle all, of fan-out those that listen, of storm those that are open at a time. */
  readonly connections: number;
  /** Of fan-out those that send. */
  readonly publishers: number;
  readonly workers: number;
  /** Messages, or handshakes, a second, of all workers; undefined for as fast as the answers come. */
  readonly rate: number | undefined;
  /** Messages that are under way on a connection at a time, when there is no rate. */
  readonly inFlight: number;
  readonly sizes: readonly number[];
  readonly isText: boolean;
  readonly isCompressed: boolean;
  /** Handshakes under way at a time while connections are opened. */
  readonly opening: number;
  /** The time over which connections are opened; 0 for as fast as it goes. */
  readonly rampMs: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
  /** An answer has to come within it. */
  readonly timeoutMs: number;
  /** Of a rate: sends at the microsecond, which takes all of a core, and not at the next millisecond. */
  readonly isSpinning: boolean;
  readonly seed: number;
}

/** A worker's share of the plan. */
export interface Share extends Plan {
  /** Its number, from 0. */
  readonly worker: number;
  /** The number of its first connection. */
  readonly firstConnection: number;
  /** What the clock of the run counts from. */
  readonly startNanos: bigint;
  readonly tickMs: number;
  /** How many messages each publisher has sent; the worker that publishes writes it, all read it. */
  readonly published: Int32Array;
}

/** Divides the plan; `connections`, `publishers`, `rate` and `opening` are each share's own. */
export function divide(plan: Plan, startNanos: bigint): Share[] {
  const tickMs = tickOf(plan);
  const published = new Int32Array(new SharedArrayBuffer(4 * Math.max(1, plan.publishers)));
  return Array.from({ length: plan.workers }, (_, worker) => {
    const connections = part(plan.connections, worker, plan.workers);
    return {
      ...plan,
      worker,
      firstConnection: offset(plan.connections, worker, plan.workers),
      connections,
      // One worker publishes: the numbers of a publisher's messages are given by one.
      publishers: worker === 0 ? plan.publishers : 0,
      rate: rateOf(plan, worker, connections),
      opening: Math.max(1, part(plan.opening, worker, plan.workers)),
      startNanos,
      tickMs,
      published,
    };
  });
}

function rateOf(plan: Plan, worker: number, connections: number): number | undefined {
  if (plan.rate === undefined) return undefined;
  if (plan.scenario === "fan-out") return worker === 0 ? plan.rate : 0;
  return (plan.rate * connections) / plan.connections;
}

function offset(count: number, index: number, parts: number): number {
  return Math.floor((count * index) / parts);
}

function part(count: number, index: number, parts: number): number {
  return offset(count, index + 1, parts) - offset(count, index, parts);
}

/** About fifty ticks in the time that is measured: enough for a curve, and at most four a second to look at. */
function tickOf({ durationMs }: Plan): number {
  return Math.min(5000, Math.max(100, Math.round(durationMs / 50)));
}
