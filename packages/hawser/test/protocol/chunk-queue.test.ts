import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ChunkQueue } from "../../dist/protocol/chunk-queue.js";

const chunk = (value: number, size = 1): Uint8Array => new Uint8Array(size).fill(value);

function takeAll(queue: ChunkQueue): number[] {
  const values: number[] = [];
  while (queue.length > 0) values.push(queue.take()[0] as number);
  return values;
}

describe("chunk queue", () => {
  it("gives chunks in their order", () => {
    const queue = new ChunkQueue();
    for (const value of [1, 2, 3]) queue.push(chunk(value));
    assert.equal(queue.length, 3);
    assert.deepEqual(takeAll(queue), [1, 2, 3]);
  });

  it("replaces the one with the same key, in its place, and tells how much that was", () => {
    const queue = new ChunkQueue();
    queue.push(chunk(1));
    assert.equal(queue.putKeyed(chunk(2, 5), "key"), 0);
    assert.equal(queue.putKeyed(chunk(3), "other"), 0);
    assert.equal(queue.keyedBytes("key"), 5);
    assert.equal(queue.putKeyed(chunk(4, 7), "key"), 5);
    assert.deepEqual([queue.keyedBytes("key"), queue.keyedBytes("none")], [7, 0]);
    assert.deepEqual(takeAll(queue), [1, 4, 3]);
  });

  it("does not replace what was taken", () => {
    const queue = new ChunkQueue();
    queue.putKeyed(chunk(1), "key");
    queue.push(chunk(2));
    queue.take();
    assert.equal(queue.keyedBytes("key"), 0);
    assert.equal(queue.putKeyed(chunk(3), "key"), 0);
    assert.deepEqual(takeAll(queue), [2, 3]);
  });

  it("knows its keys also when thousands were taken before it was empty", () => {
    const queue = new ChunkQueue();
    queue.putKeyed(chunk(0), "taken");
    for (let i = 1; i < 3_000; i++) queue.push(chunk(i % 250));
    queue.putKeyed(chunk(251), "key");
    for (let i = 0; i < 3_000; i++) queue.take();
    assert.deepEqual([queue.keyedBytes("taken"), queue.keyedBytes("key")], [0, 1]);
    assert.equal(queue.putKeyed(chunk(252), "key"), 1);
    assert.deepEqual(takeAll(queue), [252]);
  });
});
