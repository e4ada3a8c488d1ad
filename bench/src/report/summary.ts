// From measurements to what is reported: the median of the rounds, its ratio to the medians of ws and of
// the floor in the same run, and whether Hawser's reach their goals.

import type { Series } from "../measure.ts";
import type { FigureName, Measurement, Work } from "../measurement.ts";
import type { PeerName } from "../peer.ts";
import type { Goal, Scenario } from "../scenarios.ts";

/** From this share of a core on, a process counts as kept busy. */
const busyCores = 0.85;

/**
 * What to know about a figure. "load-bound": the process had too little work, so the figure says little.
 * "crowded": it had work enough, but other processes had its core.
 */
export type Note = "load-bound" | "crowded";

/** One figure of one peer. */
export interface Row {
  readonly scenario: string;
  readonly title: string;
  readonly figure: FigureName;
  readonly peer: PeerName;
  readonly median: number;
  readonly rounds: readonly number[];
  /** Null when that peer was not in the run. */
  readonly toWs: number | null;
  readonly toFloor: number | null;
  /** Medians too; null for a scenario in which nobody is kept busy. */
  readonly work: Work | null;
  readonly note: Note | null;
  /** None but for Hawser, in both of its faces. */
  readonly verdicts: readonly Verdict[];
}

/** A goal, as far as the peers of the run tell. */
export interface Verdict {
  readonly goal: Goal;
  /** The ratio to the goal's peer, or the figure itself for a goal that has none. */
  readonly reached: number;
  /** What the figure must not be above. */
  readonly limit: number;
  readonly isMet: boolean;
}

/** A peer that could not be measured. */
export interface Failure {
  readonly scenario: string;
  readonly peer: PeerName;
  readonly reason: string;
}

export function failuresIn(all: readonly Series[]): Failure[] {
  return all.flatMap(({ scenario, peer, failure }) =>
    failure === undefined ? [] : [{ scenario, peer, reason: failure }],
  );
}

/** The rows of those that did not fail. */
export function summarize(
  all: readonly Series[],
  scenarios: ReadonlyMap<string, Pick<Scenario, "title" | "goals" | "faceOf">>,
): Row[] {
  return [...scenarios].flatMap(([name, row]) => {
    const peers = all.filter(({ scenario, failure }) => scenario === name && failure === undefined);
    const figures = Object.keys(peers[0]?.rounds[0]?.figures ?? {}) as FigureName[];
    return figures.flatMap((figure) => {
      const medianOf = (peer: PeerName): number | null => medianOfPeer(peers, peer, figure);
      return peers.map((series): Row => {
        const rounds = valuesOf(series, figure);
        const toPeer = (peer: PeerName): number | null => {
          const other = medianOf(peer);
          return other === null ? null : median(rounds) / other;
        };
        const work = workOf(series.rounds);
        return {
          scenario: name,
          title: row.title,
          figure,
          peer: series.peer,
          median: median(rounds),
          rounds,
          toWs: toPeer("ws"),
          toFloor: toPeer("floor"),
          work,
          note: work === null ? null : noteOn(work),
          verdicts: verdictsOn(median(rounds), goalsOf(series.peer, row), medianOf),
        };
      });
    });
  });
}

/** How much more the face of `ws` may cost than Hawser's own. */
const faceTimes = 1.15;

/** Whoever changes an import is promised what Hawser is, beside `ws`; others have no goals. */
function goalsOf(
  peer: PeerName,
  { goals, faceOf = "hawser" }: Pick<Scenario, "goals" | "faceOf">,
): readonly Goal[] {
  if (peer === "hawser") return goals;
  if (peer !== "hawser/ws") return [];
  const besideWs = goals.filter((goal) => "peer" in goal && goal.peer === "ws");
  return [{ peer: faceOf, times: faceTimes }, ...besideWs];
}

function verdictsOn(
  figure: number,
  goals: readonly Goal[],
  medianOf: (peer: PeerName) => number | null,
): Verdict[] {
  return goals.flatMap((goal): Verdict[] => {
    if ("atMost" in goal) {
      const limit = goal.atMost;
      return [{ goal, reached: figure, limit, isMet: figure <= limit }];
    }
    const other = medianOf(goal.peer);
    if (other === null) return [];
    const limit = goal.times * other + (goal.plus ?? 0);
    return [{ goal, reached: figure / other, limit, isMet: figure <= limit }];
  });
}

function valuesOf({ rounds }: Series, figure: FigureName): number[] {
  return rounds.map(({ figures }) => figures[figure] as number);
}

function medianOfPeer(all: readonly Series[], name: PeerName, figure: FigureName): number | null {
  const series = all.find(({ peer }) => peer === name);
  return series === undefined ? null : median(valuesOf(series, figure));
}

function noteOn({ coresUsed, coresWanted }: Work): Note | null {
  if (coresWanted < busyCores) return "load-bound";
  return coresUsed < busyCores ? "crowded" : null;
}

function workOf(rounds: readonly Measurement[]): Work | null {
  const works = rounds.flatMap(({ work }) => work ?? []);
  if (works.length === 0) return null;
  return {
    perSecond: median(works.map(({ perSecond }) => perSecond)),
    coresUsed: median(works.map(({ coresUsed }) => coresUsed)),
    coresWanted: median(works.map(({ coresWanted }) => coresWanted)),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}
