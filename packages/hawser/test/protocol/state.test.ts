import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isReading, type Move, moves, type State } from "../../dist/protocol/state.js";

describe("state", () => {
  it("§7.1 is this table", () => {
    const rows: [State, Move, State | undefined][] = [
      ["open", "sendClose", "close-sent"],
      ["open", "receiveClose", "close-exchanged"],
      ["open", "fail", "failed"],
      ["open", "end", "closed"],
      ["close-sent", "sendClose", undefined],
      ["close-sent", "receiveClose", "close-exchanged"],
      ["close-sent", "fail", "failed"],
      ["close-sent", "end", "closed"],
      ["close-exchanged", "sendClose", undefined],
      ["close-exchanged", "receiveClose", undefined],
      ["close-exchanged", "fail", undefined],
      ["close-exchanged", "end", "closed"],
      ["failed", "sendClose", undefined],
      ["failed", "receiveClose", undefined],
      ["failed", "fail", undefined],
      ["failed", "end", "closed"],
      ["closed", "sendClose", undefined],
      ["closed", "receiveClose", undefined],
      ["closed", "fail", undefined],
      ["closed", "end", undefined],
    ];
    for (const [state, move, next] of rows)
      assert.equal(moves[state][move], next, `${state} ${move}`);
  });

  it("§5.5.1 frames are read until the peer's Close frame or a failure", () => {
    const states = Object.keys(moves) as State[];
    assert.deepEqual(states.filter(isReading), ["open", "close-sent"]);
  });

  it("every state can end", () => {
    for (const state of Object.keys(moves) as State[]) {
      assert.equal(state === "closed" || moves[state].end === "closed", true);
    }
  });
});
