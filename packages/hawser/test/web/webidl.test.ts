// The conversions of Web IDL §3.2.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  clampToUnsignedShort,
  toDictionary,
  toSequence,
  toStringOrSequence,
  toUnsignedShort,
  toUsvString,
} from "../../dist/web/webidl.js";

describe("conversions", () => {
  it("§3.2.4.9 [Clamp] rounds to the nearest, halves to the even one", () => {
    for (const [given, expected] of [
      [0.5, 0],
      [1.5, 2],
      [2.5, 2],
      [2.51, 3],
      [-1, 0],
      [65_535.9, 65_535],
      [Infinity, 65_535],
      [-Infinity, 0],
      [NaN, 0],
      ["12", 12],
      [null, 0],
      [true, 1],
    ] as const) {
      assert.equal(clampToUnsignedShort(given), expected, String(given));
    }
    for (const wrong of [1n, Symbol("x")]) {
      assert.throws(() => clampToUnsignedShort(wrong), TypeError);
    }
  });

  it("§3.2.4.9 unsigned short is modulo 2^16", () => {
    for (const [given, expected] of [
      [65_536, 0],
      [-1, 65_535],
      [-65_537.5, 65_535],
      [1.9, 1],
      [Infinity, 0],
      [NaN, 0],
    ] as const) {
      assert.equal(toUnsignedShort(given), expected, String(given));
    }
  });

  it("§3.2.11 USVString has no lone surrogates", () => {
    assert.equal(toUsvString("\ud800x\udc00😀"), "\ufffdx\ufffd😀");
    assert.throws(() => toUsvString(Symbol("x")), TypeError);
  });

  it("§3.2.21 sequences are what can be iterated; a string alone is a string", () => {
    assert.deepEqual(toStringOrSequence("ab"), ["ab"]);
    assert.deepEqual(toStringOrSequence(new Set([1, null])), ["1", "null"]);
    assert.deepEqual(toStringOrSequence({ [Symbol.iterator]: null, toString: () => "x" }), ["x"]);
    assert.throws(() => toSequence("ab"), TypeError);
    assert.throws(() => toSequence({ [Symbol.iterator]: 1 }), TypeError);
  });

  it("§3.2.17 a dictionary is an object, or nothing", () => {
    assert.deepEqual(toDictionary(null, "Name"), {});
    assert.deepEqual(toDictionary(undefined, "Name"), {});
    assert.throws(() => toDictionary(1, "Name"), { name: "TypeError", message: /'Name'/ });
  });
});
