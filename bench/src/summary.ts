// From measurements to what is reported: the median of the rounds, and its ratio to the median of ws
// and of the floor in the same run.

import type { FigureName, Measurement, Work } from "./measurement.ts";
import type { Series } from "./measure.ts";
import type { PeerName } from "./peers.ts";

/** From this share of a core on, a server counts as kept busy. */
const busyCores = 0.85;

/**
 * What to know about a figure. "load-bound": the server had too little work, so the figure says little.
 * "crowded": it had work enough, but other processes had its core.
 */
export type Note = "load-bound" | "crowded";

/** One figure of one peer. */
export interface Row {
  readonly scenario: string;
  readonly figure: FigureName;
  readonly peer: PeerName;
  readonly median: number;
  readonly rounds: readonly number[];
  /** Null when that peer was not in the run. */
  readonly toWs: number | null;
  readonly toFloor: number | null;
  /** Medians too; null for a scenario in which servers are not kept busy. */
  readonly work: Work | null;
  readonly note: Note | null;
}

export function summarize(all: readonly Series[]): Row[] {
  const names = new Set(all.map(({ scenario }) => scenario));
  return [...names].flatMap((name) => {
    const peers = all.filter(({ scenario }) => scenario === name);
    const figures = Object.keys(peers[0]?.rounds[0]?.figures ?? {}) as FigureName[];
    return figures.flatMap((figure) => peers.map((series) => rowOf(series, figure, peers)));
  });
}

function rowOf(series: Series, figure: FigureName, peers: readonly Series[]): Row {
  const valuesOf = ({ rounds }: Series): number[] =>
    rounds.map(({ figures }) => figures[figure] as number);
  const rounds = valuesOf(series);
  const ratioTo = (name: PeerName): number | null => {
    const other = peers.find(({ peer }) => peer === name);
    return other === undefined ? null : median(rounds) / median(valuesOf(other));
  };
  const work = workOf(series.rounds);
  return {
    scenario: series.scenario,
    figure,
    peer: series.peer,
    median: median(rounds),
    rounds,
    toWs: ratioTo("ws"),
    toFloor: ratioTo("floor"),
    work,
    note: work === null ? null : noteOn(work),
  };
}

function noteOn({ coresUsed, coresWanted }: Work): Note | null {
  if (coresWanted < busyCores) return "load-bound";
  return coresUsed < busyCores ? "crowded" : null;
}

function workOf(rounds: readonly Measurement[]): Work | null {
  const works = rounds.flatMap(({ work }) => work ?? []);
  if (works.length === 0) return null;
  return {
    messagesPerSecond: median(works.map(({ messagesPerSecond }) => messagesPerSecond)),
    coresUsed: median(works.map(({ coresUsed }) => coresUsed)),
    coresWanted: median(works.map(({ coresWanted }) => coresWanted)),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}
