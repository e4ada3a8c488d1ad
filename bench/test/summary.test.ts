// The arithmetic of the report, on measurements that are made up.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Series } from "../dist/measure.js";
import type { PeerName } from "../dist/peer.js";
import { failuresIn, type Row, summarize } from "../dist/report/summary.js";
import type { Goal } from "../dist/scenarios.js";

/** The rounds of an echo scenario that cost so much, on so many cores. */
function series(peer: PeerName, costs: readonly number[], used = 1, wanted = used): Series {
  return {
    scenario: "echo",
    peer,
    rounds: costs.map((cpuPerMessageUs) => ({
      figures: { cpuPerMessageUs },
      work: { perSecond: 1, coresUsed: used, coresWanted: wanted },
    })),
  };
}

function rowsOf(all: readonly Series[], goals: readonly Goal[] = []): Row[] {
  return summarize(all, new Map([["echo", { title: "an echo", goals }]]));
}

/** Limit and verdict of each goal of Hawser. */
function verdicts(all: readonly Series[], goals: readonly Goal[]): [number, boolean][] {
  const [row] = rowsOf(all, goals) as [Row];
  return row.verdicts.map(({ limit, isMet }) => [limit, isMet]);
}

describe("summarize", () => {
  it("takes the medians, and their ratios to those of ws and of the floor", () => {
    const rows = rowsOf([
      series("hawser", [9, 2, 1]),
      series("ws", [8, 4]),
      series("floor", [1, 1, 7]),
    ]);
    assert.deepEqual(
      rows.map(({ peer, median, toWs, toFloor }) => [peer, median, toWs, toFloor]),
      [
        ["hawser", 2, 2 / 6, 2],
        ["ws", 6, 1, 6],
        ["floor", 1, 1 / 6, 1],
      ],
    );
  });

  it("has no ratio to a peer that was not in the run", () => {
    const [row] = rowsOf([series("hawser", [1])]) as [Row];
    assert.equal(row.toWs, null);
    assert.equal(row.toFloor, null);
  });

  it("tells a server that lacked work from one that lacked a core", () => {
    const notes = rowsOf([
      series("hawser", [1], 0.5),
      series("ws", [1], 0.5, 0.95),
      series("floor", [1], 0.9),
    ]).map(({ note }) => note);
    assert.deepEqual(notes, ["load-bound", "crowded", null]);
  });

  it("gives a row for each figure, and no note where servers are not kept busy", () => {
    const figures = { cpuPerHandshakeUs: 70, rssPerConnectionKiB: 6 };
    const rows = rowsOf([{ scenario: "echo", peer: "hawser", rounds: [{ figures }] }]);
    assert.deepEqual(
      rows.map(({ figure, median, work, note }) => [figure, median, work, note]),
      [
        ["cpuPerHandshakeUs", 70, null, null],
        ["rssPerConnectionKiB", 6, null, null],
      ],
    );
  });

  it("leaves out who failed, and what its figures would have decided", () => {
    const failed: Series = { ...series("ws", [1]), failure: "it ended" };
    const all = [series("hawser", [1]), failed];
    const rows = rowsOf(all, [{ peer: "ws", times: 1 }]);
    assert.deepEqual(
      rows.map(({ peer, toWs, verdicts: none }) => [peer, toWs, none]),
      [["hawser", null, []]],
    );
    assert.deepEqual(failuresIn(all), [{ scenario: "echo", peer: "ws", reason: "it ended" }]);
  });

  it("compares Hawser, and nobody else, with the goals", () => {
    const all = [series("hawser", [3]), series("ws", [10]), series("floor", [2])];
    assert.deepEqual(verdicts(all, [{ peer: "ws", times: 0.5 }]), [[5, true]]);
    assert.deepEqual(verdicts(all, [{ peer: "floor", times: 1 }]), [[2, false]]);
    assert.deepEqual(verdicts(all, [{ peer: "floor", times: 1, plus: 0.5 }]), [[2.5, false]]);
    assert.deepEqual(verdicts(all, [{ atMost: 3 }]), [[3, true]]);
    const others = rowsOf(all, [{ atMost: 3 }]).filter(({ peer }) => peer !== "hawser");
    assert.ok(others.every((row) => row.verdicts.length === 0));
  });

  it("has the face of ws reach the goals beside ws, and no more than 1.15 times its like", () => {
    const all = [
      series("hawser", [3]),
      series("hawser+takeover", [10]),
      series("hawser/ws", [4]),
      series("ws", [10]),
    ];
    const goals: readonly Goal[] = [{ peer: "ws", times: 0.3 }, { atMost: 1 }];
    const limits = (faceOf?: PeerName): [number, boolean][] => {
      const scenario = { title: "an echo", goals, ...(faceOf && { faceOf }) };
      const rows = summarize(all, new Map([["echo", scenario]]));
      const face = rows.find(({ peer }) => peer === "hawser/ws") as Row;
      return face.verdicts.map(({ limit, isMet }) => [limit, isMet]);
    };
    assert.deepEqual(limits(), [
      [1.15 * 3, false],
      [3, false],
    ]);
    assert.deepEqual(limits("hawser+takeover"), [
      [11.5, true],
      [3, false],
    ]);
  });
});
