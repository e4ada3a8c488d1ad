// What one worker counts and measures, handed to the main thread tick by tick.

import { type EventLoopUtilization, performance, type RecordableHistogram } from "node:perf_hooks";
import type { Clock } from "./clock.ts";
import { newHistogram, record } from "./latency.ts";
import type { Report } from "./messages.ts";
import type { Phase, Tally } from "./page/result.ts";
import { faults, newTally } from "./tally.ts";

/** So many different problems are told apart; a server can word each refusal anew. */
const maxProblems = 20;

export class Meter {
  readonly tally: Tally = newTally();
  readonly problems: Map<string, number> = new Map();
  readonly handshakes: RecordableHistogram = newHistogram();
  readonly lag: RecordableHistogram = newHistogram();
  /** Connections that are open. */
  open = 0;
  phase: Phase = "opening";
  readonly #clock: Clock;
  readonly #report: (report: Report) => void;
  #latency: RecordableHistogram = newHistogram();
  /** At the end of the last tick. */
  #before: Tally = newTally();
  #faultsBefore = 0;
  #from = 0;
  #loop: EventLoopUtilization = performance.eventLoopUtilization();

  constructor(clock: Clock, report: (report: Report) => void) {
    this.#clock = clock;
    this.#report = report;
    this.#from = clock.now();
  }

  took(micros: number): void {
    record(this.#latency, micros);
  }

  /** Something went wrong, in words. */
  problem(words: string): void {
    const isKnown = this.problems.has(words) || this.problems.size < maxProblems;
    const key = isKnown ? words : "others";
    this.problems.set(key, (this.problems.get(key) ?? 0) + 1);
  }

  /** A connection has ended though nobody wanted it. */
  dropped(code: number, reason: string): void {
    this.tally.dropped++;
    this.problem(`closed with ${code}${reason === "" ? "" : `: ${reason}`}`);
  }

  /** Ends a tick. */
  flush(): void {
    const to = this.#clock.now();
    const loop = performance.eventLoopUtilization();
    const { tally } = this;
    const before = this.#before;
    const faultCount = faults.reduce((sum, [count]) => sum + tally[count], 0);
    this.#report({
      type: "tick",
      phase: this.phase,
      from: this.#from,
      to,
      sent: tally.sent - before.sent,
      received: tally.received - before.received,
      opened: tally.opened - before.opened,
      open: this.open,
      faults: faultCount - this.#faultsBefore,
      latency: this.#latency,
      utilization: performance.eventLoopUtilization(loop, this.#loop).utilization,
    });
    // What is posted is shared with the other thread, and not copied.
    this.#latency = newHistogram();
    this.#before = { ...tally };
    this.#faultsBefore = faultCount;
    this.#from = to;
    this.#loop = loop;
  }
}
