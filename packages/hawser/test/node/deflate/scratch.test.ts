import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { join, scratch, scratchBytes } from "../../../dist/node/deflate/scratch.js";

describe("scratch", () => {
  it("is one block of 64 KiB for the process", () => {
    assert.equal(scratch().length, 65_536);
    assert.equal(scratchBytes, 65_536);
    assert.equal(scratch(), scratch());
  });

  it("join copies into memory of exactly the size", () => {
    const piece = Uint8Array.of(1, 2);
    const whole = join([piece, new Uint8Array(0), Uint8Array.of(3)]);
    piece[0] = 9;
    assert.deepEqual(whole, Uint8Array.of(1, 2, 3));
    assert.equal(whole.buffer.byteLength, 3);
    assert.deepEqual(join([]), new Uint8Array(0));
  });
});
