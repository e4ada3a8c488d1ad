import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { History } from "../../../dist/node/deflate/history.js";
import { noise } from "./contents.ts";

describe("history", () => {
  it("is what was appended, at most the window", () => {
    const history = new History(4);
    assert.deepEqual(history.bytes, new Uint8Array(0));
    history.append(Uint8Array.of(1, 2));
    assert.deepEqual(history.bytes, Uint8Array.of(1, 2));
    history.append(Uint8Array.of(3, 4, 5));
    assert.deepEqual(history.bytes, Uint8Array.of(2, 3, 4, 5));
    history.append(new Uint8Array(0));
    assert.deepEqual(history.bytes, Uint8Array.of(2, 3, 4, 5));
    history.append(Uint8Array.of(6, 7, 8, 9, 10));
    assert.deepEqual(history.bytes, Uint8Array.of(7, 8, 9, 10));
  });

  it("is the end of everything, whatever the pieces", () => {
    const all = noise(20_000);
    for (const size of [1, 7, 255, 256, 257, 600, 1024, 5_000]) {
      const history = new History(1024);
      for (let i = 0; i < all.length; i += size) history.append(all.subarray(i, i + size));
      assert.deepEqual(Buffer.from(history.bytes), all.slice(-1024), `${size} bytes a piece`);
    }
  });

  it("takes memory as it is needed, and never more than the window", () => {
    const history = new History(32_768);
    assert.equal(history.bytes.buffer.byteLength, 0);
    history.append(noise(100));
    assert.equal(history.bytes.buffer.byteLength, 512);
    history.append(noise(600));
    assert.equal(history.bytes.buffer.byteLength, 1024);
    for (let i = 0; i < 100; i++) history.append(noise(30_000));
    assert.equal(history.bytes.buffer.byteLength, 32_768);
  });

  it("is copied by clone", () => {
    const history = new History(4);
    history.append(Uint8Array.of(1, 2));
    const copy = history.clone();
    copy.append(Uint8Array.of(3, 4, 5));
    assert.deepEqual(history.bytes, Uint8Array.of(1, 2));
    assert.deepEqual(copy.bytes, Uint8Array.of(2, 3, 4, 5));
  });
});
