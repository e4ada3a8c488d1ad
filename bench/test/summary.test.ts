// The arithmetic of the report, on measurements that are made up.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Series } from "../dist/measure.js";
import type { PeerName } from "../dist/peers.js";
import { type Row, summarize } from "../dist/summary.js";

/** The rounds of an echo scenario that cost so much, on so many cores. */
function series(peer: PeerName, costs: readonly number[], used = 1, wanted = used): Series {
  return {
    scenario: "echo",
    peer,
    rounds: costs.map((cpuPerMessageUs) => ({
      figures: { cpuPerMessageUs },
      work: { messagesPerSecond: 1, coresUsed: used, coresWanted: wanted },
    })),
  };
}

describe("summarize", () => {
  it("takes the medians, and their ratios to those of ws and of the floor", () => {
    const all = [series("hawser", [9, 2, 1]), series("ws", [8, 4]), series("floor", [1, 1, 7])];
    const rows = summarize(all);
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
    const [row] = summarize([series("hawser", [1])]) as [Row];
    assert.equal(row.toWs, null);
    assert.equal(row.toFloor, null);
  });

  it("tells a server that lacked work from one that lacked a core", () => {
    const all = [
      series("hawser", [1], 0.5),
      series("ws", [1], 0.5, 0.95),
      series("floor", [1], 0.9),
    ];
    const notes = summarize(all).map(({ note }) => note);
    assert.deepEqual(notes, ["load-bound", "crowded", null]);
  });

  it("gives a row for each figure, and no note where servers are not kept busy", () => {
    const figures = { cpuPerHandshakeUs: 70, rssPerConnectionKiB: 6 };
    const rows = summarize([{ scenario: "idle", peer: "hawser", rounds: [{ figures }] }]);
    assert.deepEqual(
      rows.map(({ figure, median, work, note }) => [figure, median, work, note]),
      [
        ["cpuPerHandshakeUs", 70, null, null],
        ["rssPerConnectionKiB", 6, null, null],
      ],
    );
  });
});
