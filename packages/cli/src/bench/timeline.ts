// The ticks of all workers put together: what happened at a time is the sum of what happened in each.

import type { RecordableHistogram } from "node:perf_hooks";
import { latencyOf, newHistogram } from "./latency.ts";
import type { Tick } from "./messages.ts";
import type { Moment } from "./page/result.ts";

/** Ticks of the same phase and number, one of each worker. */
interface Group {
  readonly ticks: Tick[];
  readonly latency: RecordableHistogram;
}

export class Timeline {
  readonly #groups = new Map<string, Group>();
  readonly #counts = new Map<string, number>();
  /** Of what came back in the time that is measured, or was sent in it. */
  readonly latency: RecordableHistogram = newHistogram();
  /** Counted in the time that is measured. */
  readonly measured = { sent: 0, received: 0, opened: 0 };
  #measuredFrom = Infinity;
  #measuredTo = 0;
  /** The busiest worker's event loop, 0 to 1. */
  utilization = 0;

  /** How long the time is that is measured. */
  get measuredMicros(): number {
    return Math.max(0, this.#measuredTo - this.#measuredFrom);
  }

  /** Returns what is known of that stretch of time now. */
  add(worker: number, tick: Tick): Moment {
    if (tick.phase === "measured" || tick.phase === "rest") this.latency.add(tick.latency);
    if (tick.phase === "measured") {
      this.measured.sent += tick.sent;
      this.measured.received += tick.received;
      this.measured.opened += tick.opened;
      this.#measuredFrom = Math.min(this.#measuredFrom, tick.from);
      this.#measuredTo = Math.max(this.#measuredTo, tick.to);
      this.utilization = Math.max(this.utilization, tick.utilization);
    }
    const counter = `${worker} ${tick.phase}`;
    const index = this.#counts.get(counter) ?? 0;
    this.#counts.set(counter, index + 1);
    const key = `${tick.phase} ${index}`;
    const group = this.#groups.get(key) ?? { ticks: [], latency: newHistogram() };
    this.#groups.set(key, group);
    group.ticks.push(tick);
    group.latency.add(tick.latency);
    return momentOf(group);
  }

  /** In the order of time, without those too short to tell anything. */
  moments(tickMs: number): Moment[] {
    return [...this.#groups.values()]
      .map(momentOf)
      .filter(({ from, to }) => to - from > tickMs / 2000)
      .toSorted((a, b) => a.from - b.from);
  }
}

function momentOf({ ticks, latency }: Group): Moment {
  const [first] = ticks as [Tick];
  const perSecond = (count: (tick: Tick) => number): number => {
    const all = ticks.map((tick) => (count(tick) * 1e6) / Math.max(1, tick.to - tick.from));
    return Math.round(sum(all));
  };
  return {
    phase: first.phase,
    from: seconds(Math.min(...ticks.map(({ from }) => from))),
    to: seconds(Math.max(...ticks.map(({ to }) => to))),
    sent: perSecond(({ sent }) => sent),
    received: perSecond(({ received }) => received),
    opened: perSecond(({ opened }) => opened),
    open: sum(ticks.map(({ open }) => open)),
    faults: sum(ticks.map(({ faults }) => faults)),
    latency: latencyOf(latency),
  };
}

function seconds(micros: number): number {
  return Math.round(micros / 1000) / 1000;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
