// What times, sizes and rates may look like.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  parseCount,
  parseDuration,
  parsePositiveDuration,
  parseRate,
  parseSizes,
} from "../../dist/bench/arguments.js";

describe("arguments of the bench", () => {
  it("times", () => {
    const texts = ["10", "0.5", ".5s", "10s", "500ms", "2m", "1h", "0"];
    const expected = [10_000, 500, 500, 10_000, 500, 120_000, 3_600_000, 0];
    assert.deepEqual(texts.map(parseDuration), expected);
    for (const wrong of ["", "s", "1d", "-1", "25h", "1 0"]) {
      assert.throws(() => parseDuration(wrong), /A time is/);
    }
    assert.throws(() => parsePositiveDuration("0"), /more than 0/);
    assert.equal(parsePositiveDuration("1ms"), 1);
  });

  it("sizes", () => {
    assert.deepEqual(parseSizes("64"), [64]);
    assert.deepEqual(parseSizes("64, 16k,1M,2KiB,3mb"), [64, 16_384, 1_048_576, 2048, 3_145_728]);
    for (const wrong of ["", "64,", "1g", "-1", "65M"]) {
      assert.throws(() => parseSizes(wrong), /Sizes are/);
    }
  });

  it("rates", () => {
    assert.deepEqual(["1", "0.5", "20,000", "20_000"].map(parseRate), [1, 0.5, 20_000, 20_000]);
    for (const wrong of ["", "0", "-1", "x", "1e9"])
      assert.throws(() => parseRate(wrong), /A rate/);
  });

  it("counts", () => {
    assert.equal(parseCount(10)("10"), 10);
    for (const wrong of ["0", "11", "1.5", "x"]) {
      assert.throws(() => parseCount(10)(wrong), /from 1 to 10/);
    }
  });
});
