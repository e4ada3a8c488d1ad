import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nodePlatform } from "../../dist/index.js";
import { contentBytes, contentOf, hasContentBytes } from "../../dist/protocol/content.js";
import { bytes, hex } from "./conversation.js";

describe("content", () => {
  it("§5.6 of a text is UTF-8, of a binary message the bytes themselves", () => {
    assert.equal(hex(contentOf(nodePlatform, "h\u00e9")), "68c3a9");
    const binary = bytes("0001");
    assert.equal(contentOf(nodePlatform, binary), binary);
    assert.equal(contentBytes(nodePlatform, "h\u00e9"), 3);
    assert.equal(contentBytes(nodePlatform, binary), 2);
  });

  it("is compared with a number of bytes", () => {
    const rows: [string | Uint8Array, number, boolean][] = [
      ["", 0, true],
      ["abc", 3, true],
      ["abc", 4, false],
      ["a", 4, false],
      ["\u20ac", 3, true],
      ["\u20ac", 4, false],
      ["\u00e9\u00e9", 4, true],
      ["\u00e9\u00e9", 5, false],
      [bytes("0102"), 2, true],
      [bytes("0102"), 3, false],
      ["abc", Infinity, false],
    ];
    for (const [message, minBytes, expected] of rows) {
      assert.equal(hasContentBytes(nodePlatform, message, minBytes), expected, String(message));
    }
  });

  it("is counted only where the length of a text leaves it open", () => {
    const counted: string[] = [];
    const platform = {
      ...nodePlatform,
      utf8ByteLength: (text: string) => {
        counted.push(text);
        return nodePlatform.utf8ByteLength(text);
      },
    };
    for (const text of ["a".repeat(10), "b".repeat(9), "c".repeat(4), "d".repeat(3)]) {
      hasContentBytes(platform, text, 10);
    }
    assert.deepEqual(counted, ["b".repeat(9), "c".repeat(4)]);
  });
});
