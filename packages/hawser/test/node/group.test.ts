import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import { reportError } from "../../dist/node/group.js";

describe("group", () => {
  it("every failure reaches the one hook", () => {
    const seen: unknown[] = [];
    const handlers = { error: (error: unknown) => void seen.push(error) };
    reportError(handlers, "mine", true);
    reportError(handlers, "the peer's", false);
    assert.deepEqual(seen, ["mine", "the peer's"]);
  });

  it("without a hook a handler's failure is printed, and a peer's is not", () => {
    const printed = mock.method(console, "error", () => undefined);
    reportError({}, new Error("mine"), true);
    reportError({}, new Error("the peer's"), false);
    printed.mock.restore();
    assert.equal(printed.mock.callCount(), 1);
    assert.match(String(printed.mock.calls[0]?.arguments), /mine/);
  });

  it("a hook that throws itself is printed, with what it was told of", () => {
    const printed = mock.method(console, "error", () => undefined);
    const error = (): never => {
      throw new Error("second");
    };
    reportError({ error }, new Error("first"), false);
    printed.mock.restore();
    assert.match(String(printed.mock.calls[0]?.arguments), /second.*first/);
  });
});
