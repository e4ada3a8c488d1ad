import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import { describe, it } from "node:test";
import { nodePlatform } from "../../dist/index.js";
import { checkLongUtf8, checkUtf8, utf8Boundary, utf8Invalid } from "../../dist/protocol/utf8.js";
import { bytes, splits } from "./conversation.js";

/** How many bytes the checker takes before it says no; the whole length when it never does. */
function acceptedBytes(input: Uint8Array): number {
  let state = utf8Boundary;
  for (let i = 0; i < input.length; i++) {
    state = checkUtf8(state, input, i, i + 1);
    if (state === utf8Invalid) return i;
  }
  return input.length;
}

describe("utf8", () => {
  it("RFC 3629 §4 accepts the first and last code point of each length, and rejects beyond them", () => {
    for (const code of [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff]) {
      const input = Buffer.from(String.fromCodePoint(code));
      assert.equal(
        checkUtf8(utf8Boundary, input, 0, input.length),
        utf8Boundary,
        code.toString(16),
      );
    }
  });

  it("§8.1 fails at the first byte that can't go on to a valid code point", () => {
    const rows: [string, number][] = [
      ["80", 0],
      ["bf", 0],
      ["c0 80", 0],
      ["c1 bf", 0],
      ["c2 7f", 1],
      ["c2 c0", 1],
      ["e0 9f bf", 1],
      ["e1 80 c0", 2],
      ["ed a0 80", 1],
      ["ef bf 7f", 2],
      ["f0 8f bf bf", 1],
      ["f4 90 80 80", 1],
      ["f1 80 80 c0", 3],
      ["f5", 0],
      ["fe", 0],
      ["ff", 0],
      ["41 42 ed a0", 3],
    ];
    for (const [input, accepted] of rows) {
      assert.equal(acceptedBytes(bytes(input)), accepted, input);
    }
  });

  it("tells an open code point from a boundary", () => {
    for (const input of ["c3", "e2 82", "f0 9f 98"]) {
      const state = checkUtf8(utf8Boundary, bytes(input), 0, bytes(input).length);
      assert.ok(state !== utf8Boundary && state !== utf8Invalid, input);
    }
  });

  it("agrees with the platform on every sequence of two bytes and on all three-byte leads", () => {
    const input = new Uint8Array(2);
    for (let word = 0; word < 0x10000; word++) {
      input[0] = word >> 8;
      input[1] = word & 0xff;
      assert.equal(checkUtf8(utf8Boundary, input, 0, 2) === utf8Boundary, isUtf8(input));
    }
  });

  it("gives the same for long runs at any split, valid or not", () => {
    const text = Buffer.from("κόσμε 😀 ascii, and ë, ".repeat(12));
    for (const parts of splits(text)) assert.equal(checkParts(parts), utf8Boundary);
    for (const at of [0, 1, 70, 71, 72, 150, text.length - 4, text.length - 1]) {
      const broken = Buffer.from(text);
      broken[at] = 0xff;
      for (const parts of splits(broken)) assert.equal(checkParts(parts), utf8Invalid, String(at));
    }
  });

  it("goes on from a code point that was open before a long run, and fails on it", () => {
    const run = Buffer.concat([bytes("98 80"), Buffer.from("a".repeat(100))]);
    const open = checkUtf8(utf8Boundary, bytes("f0 9f"), 0, 2);
    assert.equal(checkLongUtf8(nodePlatform, open, run, 0, run.length), utf8Boundary);
    run[1] = 0x41;
    assert.equal(checkLongUtf8(nodePlatform, open, run, 0, run.length), utf8Invalid);
  });

  it("leaves a code point open at the end of a long run, of each length", () => {
    for (const tail of ["c3", "e2 82", "f0 9f 98"]) {
      const run = Buffer.concat([Buffer.from("a".repeat(100)), bytes(tail)]);
      const state = checkLongUtf8(nodePlatform, utf8Boundary, run, 0, run.length);
      assert.ok(state !== utf8Boundary && state !== utf8Invalid, tail);
    }
  });
});

function checkParts(parts: Uint8Array[]): number {
  let state = utf8Boundary;
  for (const part of parts) {
    if (state === utf8Invalid) return state;
    state = checkLongUtf8(nodePlatform, state, part, 0, part.length);
  }
  return state;
}
