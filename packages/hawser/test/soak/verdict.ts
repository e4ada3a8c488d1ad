// The rule by which memory is flat. The first third of a run is warm-up: code is compiled, pools and
// heaps find their size. Over the rest a straight line is fitted (least squares), and what it climbs
// from one end to the other may not be more than the bounds below, however long the run: what leaks
// climbs the further the longer it is watched. Resident memory is judged over a minute and more: before,
// the allocator still takes what it will go on with. Descriptors are exact: after each round as many as
// before the first.

import type { Usage } from "./usage.ts";

const MiB = 1024 * 1024;

/** Both processes, at one time. */
export interface Sample {
  readonly seconds: number;
  readonly server: Usage;
  readonly clients: Usage;
}

type ProcessName = "server" | "clients";

interface Bound {
  readonly title: string;
  readonly mostBytes: number;
  /** Over less time than this nothing is judged. */
  readonly leastSeconds: number;
  readonly of: (usage: Usage) => number;
}

/** Resident memory depends on the allocator and the kernel, too; it is there for what V8 is not told. */
const bounds: readonly Bound[] = [
  {
    title: "heap + external",
    mostBytes: 2 * MiB,
    leastSeconds: 0,
    of: (one) => one.heapBytes + one.externalBytes,
  },
  { title: "RSS", mostBytes: 32 * MiB, leastSeconds: 60, of: (one) => one.rssBytes },
];

/** Fewer samples than this after the warm-up say nothing. */
const fewestSamples = 5;

export interface Finding {
  readonly text: string;
  readonly isFault: boolean;
}

/** @param samples in order; the first was taken before anything was done */
export function judge(samples: readonly Sample[]): Finding[] {
  const lines = (["server", "clients"] as const).flatMap((name) => [
    ...bounds.map((bound) => judgeGrowth(samples, name, bound)),
    judgeDescriptors(samples, name),
  ]);
  const measured = afterWarmUp(samples).length;
  if (measured >= fewestSamples) return lines;
  const text = `only ${measured} samples after the warm-up: too few to tell`;
  return [...lines, { text, isFault: true }];
}

function afterWarmUp(samples: readonly Sample[]): readonly Sample[] {
  const end = samples.at(-1)?.seconds ?? 0;
  return samples.filter(({ seconds }) => seconds >= end / 3 && seconds > 0);
}

function judgeGrowth(
  samples: readonly Sample[],
  name: ProcessName,
  { title, mostBytes, leastSeconds, of }: Bound,
): Finding {
  const points = afterWarmUp(samples).map((sample) => ({
    x: sample.seconds,
    y: of(sample[name]),
  }));
  const seconds = (points.at(-1)?.x ?? 0) - (points[0]?.x ?? 0);
  const slope = slopeOf(points);
  const grown = slope * seconds;
  const rate = `${((slope * 60) / 1024).toFixed(1)} KiB a minute`;
  const growth = `${(grown / MiB).toFixed(2)} MiB in ${seconds.toFixed(0)} s`;
  const isJudged = seconds >= leastSeconds;
  const bound = isJudged ? `at most ${mostBytes / MiB} MiB` : "too short a time to judge it";
  return {
    text: `${name}, ${title}: ${rate}, ${growth}; ${bound}`,
    isFault: isJudged && grown > mostBytes,
  };
}

function judgeDescriptors(samples: readonly Sample[], name: ProcessName): Finding {
  const base = samples[0]?.[name].descriptors ?? 0;
  const worst = samples.find((sample) => sample[name].descriptors > base);
  if (worst === undefined) {
    return { text: `${name}, descriptors: ${base} after each round`, isFault: false };
  }
  const { seconds } = worst;
  const text = `${name}, descriptors: ${worst[name].descriptors} after ${seconds.toFixed(0)} s; at most ${base}`;
  return { text, isFault: true };
}

/** Of the straight line through the points, by least squares; 0 for fewer than two. */
export function slopeOf(points: readonly { readonly x: number; readonly y: number }[]): number {
  const mean = (of: (point: { x: number; y: number }) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const x = mean((point) => point.x);
  const y = mean((point) => point.y);
  const spread = mean((point) => (point.x - x) ** 2);
  return points.length < 2 || spread === 0 ? 0 : mean((p) => (p.x - x) * (p.y - y)) / spread;
}
