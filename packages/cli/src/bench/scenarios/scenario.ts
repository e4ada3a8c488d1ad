// What each scenario does, in the order in which a worker has it done.

import type { Clock } from "../clock.ts";
import type { Report } from "../messages.ts";
import type { Meter } from "../meter.ts";
import type { Opener } from "../opener.ts";
import type { Share } from "../plan.ts";

export interface Scenario {
  /** Opens its connections; resolves when all are open or could not be. */
  open(): Promise<void>;
  /** The connections of all workers are open. */
  go(): void;
  /** Some time has gone by: looks who is silent for too long. */
  check(nowMicros: number): void;
  /** Sends no more. */
  stop(): void;
  /** Whether nothing is under way any more; asked after `stop`, until it is true. */
  isAtRest(nowMicros: number): boolean;
  /** Counts what has not come, and closes. */
  end(): Promise<void>;
  /** Of fan-out: the listeners of that worker have all that is below. */
  delivered?(publisher: number, below: number, worker: number): void;
}

export interface Surroundings {
  readonly share: Share;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly opener: Opener;
  report(report: Report): void;
}

/** What was due before has waited for longer than an answer may take. */
export function patienceEnd({ clock, share }: Surroundings): number {
  return clock.now() - share.timeoutMs * 1000;
}
