import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { Ending } from "../../dist/node/ending.js";

describe("ending", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
  afterEach(() => mock.timers.reset());

  it("waits for the peer once, from the first time on", () => {
    const ending = new Ending();
    const calls: string[] = [];
    ending.arm(100, () => calls.push("first"));
    mock.timers.tick(60);
    ending.arm(100, () => calls.push("second"));
    mock.timers.tick(40);
    assert.deepEqual(calls, ["first"]);
  });

  it("waits no more when it is told so, and may wait again", () => {
    const ending = new Ending();
    const calls: string[] = [];
    ending.arm(100, () => calls.push("first"));
    ending.disarm();
    mock.timers.tick(200);
    ending.arm(100, () => calls.push("second"));
    mock.timers.tick(100);
    assert.deepEqual(calls, ["second"]);
  });

  it("waits no more once the connection has ended, so that nothing keeps that", () => {
    const ending = new Ending();
    const calls: string[] = [];
    ending.arm(100, () => calls.push("late"));
    ending.ended({ code: 1000, reason: "", wasClean: true, error: undefined });
    mock.timers.tick(200);
    assert.deepEqual(calls, []);
  });

  it("tells all who wait, once", () => {
    const ending = new Ending();
    const closed = { code: 1000, reason: "", wasClean: true, error: undefined };
    const told: unknown[] = [];
    ending.wait((how) => told.push(how));
    ending.wait((how) => told.push(how));
    ending.ended(closed);
    ending.ended(closed);
    assert.deepEqual(told, [closed, closed]);
  });
});
