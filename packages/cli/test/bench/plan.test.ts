// The shares of the workers are the whole plan, and nothing twice.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { divide, type Plan } from "../../dist/bench/plan.js";

const plan: Plan = {
  scenario: "echo",
  url: "ws://localhost",
  connect: {},
  connections: 10,
  publishers: 0,
  workers: 3,
  rate: 1000,
  inFlight: 1,
  sizes: [64],
  isText: false,
  isCompressed: false,
  opening: 2,
  rampMs: 0,
  warmUpMs: 0,
  durationMs: 10_000,
  timeoutMs: 1000,
  isSpinning: false,
  seed: 1,
};

describe("divide", () => {
  it("gives each connection to one worker, and each worker its part of the rate", () => {
    const shares = divide(plan, 0n);
    const numbers = shares.flatMap(({ firstConnection, connections }) =>
      Array.from({ length: connections }, (_, index) => firstConnection + index),
    );
    assert.deepEqual(
      numbers,
      Array.from({ length: 10 }, (_, index) => index),
    );
    assert.deepEqual(
      shares.map(({ rate }) => rate),
      [300, 300, 400],
    );
    assert.ok(shares.every(({ opening }) => opening >= 1));
  });

  it("has one worker publish at the whole rate", () => {
    const shares = divide({ ...plan, scenario: "fan-out", publishers: 2 }, 0n);
    assert.deepEqual(
      shares.map(({ publishers, rate }) => [publishers, rate]),
      [
        [2, 1000],
        [0, 0],
        [0, 0],
      ],
    );
  });
});
