// The peer's time, and what happens to it when the tester stands still.

import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import { FairTimer } from "../../../dist/conform/engine/fair-timer.js";

describe("FairTimer", () => {
  it("fires once its time is over", async () => {
    await new Promise<void>((resolve) => void new FairTimer(10, resolve));
  });

  it("starts anew when it fires far too late, because nobody could be heard meanwhile", () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    let now = 0;
    const clock = mock.method(performance, "now", () => now);
    let fired = 0;
    void new FairTimer(100, () => fired++);
    now = 1_000;
    mock.timers.tick(100);
    assert.equal(fired, 0);
    now = 1_100;
    mock.timers.tick(100);
    assert.equal(fired, 1);
    clock.mock.restore();
    mock.timers.reset();
  });

  it("does not fire once it was stopped", () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    const timer = new FairTimer(100, () => assert.fail("it fired"));
    timer.stop();
    mock.timers.tick(200);
    mock.timers.reset();
  });
});
