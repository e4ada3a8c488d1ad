import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isPromise } from "../../dist/node/is-promise.js";

describe("isPromise", () => {
  it("knows promises of any library by their `then`", () => {
    // oxlint-disable-next-line unicorn/no-thenable
    const foreign = { then: () => undefined };
    for (const value of [Promise.resolve(), foreign, Object.assign(() => 1, foreign)]) {
      assert.equal(isPromise(value), true);
    }
    // oxlint-disable-next-line unicorn/no-thenable
    for (const value of [undefined, null, 0, "then", {}, { then: 1 }, () => 1]) {
      assert.equal(isPromise(value), false);
    }
  });
});
