// Latencies in microseconds, in the HDR histograms of Node: three digits are right at any height, in memory that does
// not grow, and the histograms of several workers and ticks add up to one.

import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import type { Latency, PercentilePoint } from "./page/result.ts";

/** An hour: what takes longer counts as that. */
const maxMicros = 3_600_000_000;

export function newHistogram(): RecordableHistogram {
  return createHistogram({ lowest: 1, highest: maxMicros, figures: 3 });
}

/** Counts what took so long. */
export function record(histogram: RecordableHistogram, micros: number): void {
  histogram.record(micros < 1 ? 1 : micros > maxMicros ? maxMicros : Math.round(micros));
}

/** Undefined when nothing was recorded. */
export function latencyOf(histogram: RecordableHistogram): Latency | undefined {
  if (histogram.count === 0) return undefined;
  return {
    count: histogram.count,
    min: histogram.min,
    mean: Math.round(histogram.mean * 10) / 10,
    p50: histogram.percentile(50),
    p90: histogram.percentile(90),
    p99: histogram.percentile(99),
    p999: histogram.percentile(99.9),
    max: histogram.max,
  };
}

/** The whole distribution, closer and closer towards 100, as far as there is anything to tell apart. */
export function distributionOf(histogram: RecordableHistogram): PercentilePoint[] {
  const points: PercentilePoint[] = [];
  const stepsPerHalving = 4;
  for (let step = 0; histogram.count > 0; step++) {
    const rest = 0.5 ** (step / stepsPerHalving);
    points.push([100 * (1 - rest), histogram.percentile(Math.max(100 * (1 - rest), 0.001))]);
    if (rest * histogram.count < 1) break;
  }
  if (points.length > 0) points.push([100, histogram.max]);
  return points;
}
