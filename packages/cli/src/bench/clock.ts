// One clock for all threads: microseconds since the run began. `performance.now()` counts from the start of its
// thread, `process.hrtime` from a beginning that all threads share; so the one that is cheap is set by the other.

import { performance } from "node:perf_hooks";
import { hrtime } from "node:process";

export class Clock {
  readonly #offsetMicros: number;

  /** @param startNanos what `hrtime.bigint()` said when the run began */
  constructor(startNanos: bigint) {
    this.#offsetMicros = Number(hrtime.bigint() - startNanos) / 1000 - performance.now() * 1000;
  }

  /** Microseconds since the run began. */
  now(): number {
    return performance.now() * 1000 + this.#offsetMicros;
  }
}
