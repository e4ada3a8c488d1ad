import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allocate, viewAsBuffer } from "../../dist/node/memory.js";

describe("memory", () => {
  it("is as large as asked for, aligned, and nobody else's", () => {
    const pieces = [0, 1, 7, 8, 9, 2000, 4095, 4096, 100_000, 0, 3].map((size) => allocate(size));
    for (const [index, piece] of pieces.entries()) {
      assert.ok(Buffer.isBuffer(piece));
      assert.equal(piece.byteOffset % 8, 0);
      piece.fill(index);
    }
    assert.deepEqual(
      pieces.map(({ length }) => length),
      [0, 1, 7, 8, 9, 2000, 4095, 4096, 100_000, 0, 3],
    );
    for (const [index, piece] of pieces.entries()) {
      assert.ok(piece.every((byte) => byte === index));
    }
  });

  it("one piece that is kept keeps at most 8 KiB alive, or what it is itself", () => {
    for (const size of [1, 100, 3000, 4095, 4096, 5000, 70_000]) {
      assert.ok(allocate(size).buffer.byteLength <= Math.max(8 * 1024, size), String(size));
    }
  });

  it("small pieces share a slab, each to its last byte", () => {
    const buffers = new Set(Array.from({ length: 4 * 128 }, () => allocate(64).buffer));
    assert.ok(buffers.size === 4 || buffers.size === 5, String(buffers.size));
  });

  it("a view is a Buffer", () => {
    const view = viewAsBuffer(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2);
    assert.ok(Buffer.isBuffer(view));
    assert.equal(view.toString("hex"), "0203");
  });
});
