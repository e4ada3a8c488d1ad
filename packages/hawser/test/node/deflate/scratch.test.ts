import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  join,
  scratch,
  scratchBytes,
  takeFromScratch,
} from "../../../dist/node/deflate/scratch.js";

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
    assert.deepEqual(whole, Buffer.of(1, 2, 3));
    assert.deepEqual(join([]), Buffer.alloc(0));
  });

  it("takeFromScratch copies its beginning", () => {
    scratch().set([1, 2, 3]);
    const taken = takeFromScratch(2);
    scratch()[0] = 9;
    assert.deepEqual(taken, Buffer.of(1, 2));
    assert.deepEqual(takeFromScratch(0), Buffer.alloc(0));
  });
});
