import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { flushSoon } from "../../dist/node/flusher.js";

describe("flusher", () => {
  it("flushes everybody once at the end of the turn, in the order in which they asked", async () => {
    const seen: string[] = [];
    flushSoon({ flush: () => seen.push("a") });
    flushSoon({ flush: () => seen.push("b") });
    assert.deepEqual(seen, []);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(seen, ["a", "b"]);
  });

  it("whoever asks while others are flushed comes in the next turn", async () => {
    const seen: string[] = [];
    const again = { flush: () => seen.push("again") };
    flushSoon({
      flush: () => {
        seen.push("first");
        flushSoon(again);
      },
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(seen, ["first"]);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(seen, ["first", "again"]);
  });
});
