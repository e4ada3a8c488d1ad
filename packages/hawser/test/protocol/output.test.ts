import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nodePlatform } from "../../dist/index.js";
import { BlockPool, Output } from "../../dist/protocol/output.js";
import { hex, unmasked } from "./conversation.js";

function makeOutput(role: "client" | "server" = "server"): { output: Output; pool: BlockPool } {
  const pool = new BlockPool(nodePlatform);
  return { output: new Output({ platform: nodePlatform, blocks: pool, role }), pool };
}

function takeAll(output: Output): string[] {
  const chunks: string[] = [];
  for (let chunk = output.take(); chunk; chunk = output.take()) chunks.push(hex(chunk));
  return chunks;
}

describe("output", () => {
  it("joins small frames in one chunk", () => {
    const { output } = makeOutput();
    output.text(0x81, "Hello");
    output.binary(0x82, Buffer.from([1, 2]));
    output.text(0x81, "");
    assert.equal(output.byteLength, 13);
    assert.equal(output.hasSeveral, false);
    assert.deepEqual(takeAll(output), ["810548656c6c6f820201028100"]);
    assert.equal(output.byteLength, 0);
  });

  it("§5.3 masks what a client sends, each frame with a key of its own", () => {
    const { output } = makeOutput("client");
    for (const length of [0, 5, 130, 5000, 70_000]) {
      output.text(0x81, "x".repeat(length));
      output.binary(0x82, Buffer.alloc(length, 0x78));
      const written = takeAll(output).join("");
      const { output: plain } = makeOutput("server");
      plain.text(0x81, "x".repeat(length));
      plain.binary(0x82, Buffer.alloc(length, 0x78));
      assert.equal(unmasked(written), takeAll(plain).join(""));
    }
    const keys = new Set<string>();
    for (let i = 0; i < 100; i++) {
      output.text(0x81, "");
      keys.add(takeAll(output).join("").slice(4));
    }
    assert.ok(keys.size > 95);
  });

  it("does not change the bytes that it masks for the wire", () => {
    const { output } = makeOutput("client");
    for (const size of [10, 10_000]) {
      const mine = Buffer.alloc(size, 7);
      output.binary(0x82, mine);
      assert.ok(mine.every((byte) => byte === 7));
    }
  });

  it("writes text that is not ASCII where its real length puts it", () => {
    for (const text of [
      "é".repeat(62),
      "é".repeat(63),
      "é".repeat(100),
      "😀".repeat(5000),
      "€".repeat(22_000),
    ]) {
      const { output } = makeOutput();
      output.text(0x81, text);
      const frame = Buffer.from(takeAll(output).join(""), "hex");
      const payload = frame.subarray(frame.length - Buffer.byteLength(text));
      assert.equal(payload.toString(), text);
      const { output: binary } = makeOutput();
      binary.binary(0x81, Buffer.from(text));
      assert.equal(hex(frame), takeAll(binary).join(""));
    }
  });

  it("sends large payloads as they are, behind their header", () => {
    const { output } = makeOutput();
    const payload = Buffer.alloc(5000, 1);
    output.binary(0x82, payload);
    assert.equal(output.hasSeveral, true);
    assert.equal(hex(output.take() as Uint8Array), "827e1388");
    assert.equal(output.take(), payload);
    assert.equal(output.take(), undefined);
  });

  it("keeps the order of small and large frames", () => {
    const { output } = makeOutput();
    output.text(0x81, "a");
    output.binary(0x82, Buffer.alloc(5000, 1));
    output.text(0x81, "b");
    assert.equal(output.byteLength, 3 + 4 + 5000 + 3);
    const [head, large, last] = takeAll(output);
    assert.equal(head, "810161827e1388");
    assert.equal(large, "01".repeat(5000));
    assert.equal(last, "810162");
  });

  it("begins another block when one is full", () => {
    const { output } = makeOutput();
    const expected: string[] = [];
    for (let i = 0; i < 40; i++) {
      output.binary(0x82, Buffer.alloc(1000, i));
      expected.push(`827e03e8${hex(Buffer.alloc(1000, i))}`);
    }
    assert.equal(output.hasSeveral, true);
    const chunks = takeAll(output);
    assert.ok(chunks.length >= 3 && chunks.length < 5);
    assert.equal(chunks.join(""), expected.join(""));
  });

  it("uses a block again once it is written, and not when the transport keeps it", () => {
    const { output, pool } = makeOutput();
    output.text(0x81, "a");
    const first = output.take() as Uint8Array;
    output.written();
    output.text(0x81, "b");
    const second = output.take() as Uint8Array;
    assert.equal(second.buffer, first.buffer);
    output.kept();
    output.written();
    assert.notEqual(pool.acquire(1).buffer, second.buffer);
  });

  it("copies few bytes that the transport may keep, so that their block is used again at once", () => {
    const { output, pool } = makeOutput();
    output.text(0x81, "a");
    const first = output.take(true) as Uint8Array;
    assert.ok(first.buffer.byteLength <= 8 * 1024);
    output.kept();
    const block = pool.acquire(1);
    pool.release(block);
    for (let i = 0; i < 4; i++) output.binary(0x82, Buffer.alloc(1022, i));
    const second = output.take(true) as Uint8Array;
    assert.equal(second.buffer, block.buffer, "4 KiB are worth a block");
    output.kept();
    assert.notEqual(pool.acquire(1).buffer, block.buffer);
    assert.equal(hex(first), "810161");
  });

  it("has at most 64 blocks out for small frames: then there are pieces, at least of 1 KiB", () => {
    const pool = new BlockPool(nodePlatform);
    const blocks = Array.from({ length: 64 }, () => pool.acquire(1));
    assert.ok(blocks.every(({ length }) => length === 16 * 1024));
    const pieces = [1, 1024, 1025, 4096].map((bytes) => pool.acquire(bytes));
    assert.deepEqual(
      pieces.map(({ length }) => length),
      [1024, 1024, 1025, 4096],
    );
    const [first, second] = pieces as [Uint8Array, Uint8Array];
    first.fill(1);
    second.fill(2);
    assert.ok(
      first.every((byte) => byte === 1),
      "they don't overlap",
    );
    assert.equal(second.byteOffset % 8, 0);
    assert.equal(pool.acquire(5000).length, 16 * 1024, "what is larger gets a block");
    for (const piece of pieces) pool.release(piece);
    assert.equal(pool.acquire(1).length, 1024, "a piece does not come back");
  });

  it("takes a new slab when one is used up", () => {
    const pool = new BlockPool(nodePlatform);
    for (let i = 0; i < 64; i++) pool.acquire(1);
    const buffers = new Set(Array.from({ length: 40 }, () => pool.acquire(4096).buffer));
    assert.equal(buffers.size, 3);
  });

  it("keeps at most 64 unused blocks", () => {
    const pool = new BlockPool(nodePlatform);
    const blocks = Array.from({ length: 65 }, () => pool.acquire(16 * 1024));
    for (const block of blocks) pool.release(block);
    const again = new Set(Array.from({ length: 65 }, () => pool.acquire(16 * 1024)));
    assert.equal(blocks.filter((block) => again.has(block)).length, 64);
  });

  it("many outputs that wait share pieces, and what is cleared gives its block back", () => {
    const pool = new BlockPool(nodePlatform);
    const outputs = Array.from(
      { length: 70 },
      () => new Output({ platform: nodePlatform, blocks: pool, role: "server" }),
    );
    for (const output of outputs) output.text(0x81, "a");
    const sizes = outputs.map((output) => output.take()?.buffer.byteLength);
    assert.deepEqual(new Set(sizes.slice(0, 64)), new Set([16 * 1024]));
    assert.deepEqual(new Set(sizes.slice(64)), new Set([64 * 1024]));
    for (const output of outputs) output.kept();
    for (const output of outputs) {
      output.text(0x81, "b");
      output.clear();
    }
    assert.equal(pool.acquire(1).length, 16 * 1024);
  });

  it("clears all that waits", () => {
    const { output } = makeOutput();
    output.text(0x81, "a");
    output.binary(0x82, Buffer.alloc(5000));
    output.text(0x81, "b");
    output.clear();
    assert.equal(output.byteLength, 0);
    assert.deepEqual(takeAll(output), []);
  });
});

describe("output: encoded frames", () => {
  it("shares a frame that is alone, and joins it with others that wait", () => {
    const { output } = makeOutput();
    const shared = Buffer.from("810161", "hex");
    output.frames(shared);
    assert.equal(output.take(), shared);
    output.text(0x81, "b");
    output.frames(shared);
    assert.deepEqual(takeAll(output), ["810162810161"]);
    output.frames(shared);
    output.frames(shared);
    assert.deepEqual(takeAll(output), ["810161", "810161"]);
  });

  it("never copies a large one", () => {
    const { output } = makeOutput();
    const large = Buffer.alloc(5000);
    output.text(0x81, "b");
    output.frames(large);
    output.take();
    assert.equal(output.take(), large);
  });

  it("replaces the frame with the same key while it waits, in its place", () => {
    const { output } = makeOutput();
    const frame = (text: string): Buffer => Buffer.from(text);
    assert.equal(output.keyedBytes("k"), 0);
    output.frames(frame("first"), "other");
    output.frames(frame("old"), "k");
    output.text(0x81, "between");
    assert.equal(output.keyedBytes("k"), 3);
    const before = output.byteLength;
    output.frames(frame("newer"), "k");
    assert.equal(output.byteLength, before + 2);
    assert.deepEqual(
      takeAll(output).map((chunk) => Buffer.from(chunk, "hex").toString("latin1")),
      ["first", "newer", "\x81\x07between"],
    );
  });

  it("does not replace what was taken already", () => {
    const { output } = makeOutput();
    output.frames(Buffer.from("a"), "k");
    output.frames(Buffer.from("b"), "l");
    output.take();
    assert.equal(output.keyedBytes("k"), 0);
    output.frames(Buffer.from("c"), "k");
    assert.deepEqual(takeAll(output), ["62", "63"]);
    output.frames(Buffer.from("d"), "l");
    assert.deepEqual(takeAll(output), ["64"]);
  });

  it("lets go of what was taken, though the queue is never empty, and keeps its keys", () => {
    const { output } = makeOutput();
    const frame = (n: number): Buffer => Buffer.from(`frame ${n}`);
    const taken: string[] = [];
    output.frames(frame(0), "taken soon");
    for (let n = 1; n < 3000; n++) output.frames(frame(n), `key ${n}`);
    for (let n = 0; n < 1600; n++) taken.push(Buffer.from(output.take() as Uint8Array).toString());
    assert.equal(output.keyedBytes("taken soon"), 0);
    assert.equal(output.keyedBytes("key 1599"), 0);
    assert.equal(output.keyedBytes("key 2999"), frame(2999).length);
    output.frames(Buffer.from("newest"), "key 2000");
    for (let chunk = output.take(); chunk; chunk = output.take())
      taken.push(Buffer.from(chunk).toString());
    const expected = Array.from({ length: 3000 }, (_, n) => (n === 2000 ? "newest" : `frame ${n}`));
    assert.deepEqual(taken, expected);
    assert.equal(output.byteLength, 0);
  });

  it("lets go of what was taken without keys, too", () => {
    const { output } = makeOutput();
    const large = Buffer.alloc(5000);
    for (let n = 0; n < 3000; n++) output.frames(large);
    for (let n = 0; n < 3000; n++) assert.equal(output.take(), large);
    assert.equal(output.take(), undefined);
  });
});
