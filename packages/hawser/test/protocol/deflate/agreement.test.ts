import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CompressionBudget } from "../../../dist/protocol/index.js";
import { DeflateAgreement } from "../../../dist/protocol/deflate/agreement.js";
import { ZlibEngine } from "./zlib-engine.js";

const response = { name: "permessage-deflate", parameters: [] };
const engine = new ZlibEngine();

function agreement(
  [ownBits, ownTakeover]: [number, boolean],
  [peerBits, peerTakeover]: [number, boolean],
  budget?: CompressionBudget,
): DeflateAgreement {
  return new DeflateAgreement(
    response,
    { engine, budget, minBytes: 1024 },
    { windowBits: ownBits, takeover: ownTakeover },
    { windowBits: peerBits, takeover: peerTakeover },
  );
}

describe("deflate agreement", () => {
  it("counts the memory of the windows that are kept", () => {
    assert.equal(agreement([15, true], [10, true]).contextBytes, 8 * 32_768 + 1024);
    assert.equal(agreement([15, true], [10, false]).contextBytes, 8 * 32_768);
    assert.equal(agreement([15, false], [10, true]).contextBytes, 1024);
    assert.equal(agreement([15, false], [15, false]).contextBytes, 0);
  });

  it("reserves it when a connection opens, and releases it once", () => {
    const budget = new CompressionBudget(1_000_000);
    const agreed = agreement([10, true], [10, true], budget);
    const [first, second] = [agreed.open(), agreed.open()];
    assert.equal(budget.usedBytes, 2 * 9 * 1024);
    first.close();
    first.close();
    assert.equal(budget.usedBytes, 9 * 1024);
    second.close();
    assert.equal(budget.usedBytes, 0);
  });

  it("says with whom a message can be shared: all with the same window and no takeover", () => {
    const [first, second] = [
      agreement([12, false], [9, true]),
      agreement([12, false], [15, false]),
    ];
    assert.equal(first.sharedEncoding, "permessage-deflate; server_max_window_bits=12");
    assert.equal(first.sharedEncoding, second.sharedEncoding);
    assert.notEqual(agreement([13, false], [15, false]).sharedEncoding, first.sharedEncoding);
    assert.equal(agreement([12, true], [15, false]).sharedEncoding, undefined);
  });

  it("§7.1.2 compresses nothing where the window is too small for the engine", () => {
    assert.equal(agreement([8, false], [15, false]).minBytes, Infinity);
    assert.equal(agreement([9, false], [15, false]).minBytes, 1024);
  });
});
