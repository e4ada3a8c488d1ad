import assert from "node:assert/strict";
import { endianness } from "node:os";
import { describe, it } from "node:test";
import { isLittleEndian, viewOf } from "../../dist/protocol/word-view.js";

describe("word view", () => {
  it("knows the byte order of this machine", () => {
    assert.equal(isLittleEndian, endianness() === "LE");
  });

  it("has the offsets of the bytes, wherever they lie in their memory", () => {
    const bytes = new Uint8Array(16).map((_, i) => i).subarray(3, 12);
    assert.equal(viewOf(bytes).getUint8(0), 3);
    assert.equal(viewOf(bytes).byteLength, 9);
  });

  it("is the same for the same bytes, and another for others", () => {
    const [one, other] = [new Uint8Array(8), new Uint8Array(8)];
    assert.equal(viewOf(one), viewOf(one));
    assert.notEqual(viewOf(one), viewOf(other));
  });
});
