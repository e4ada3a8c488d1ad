import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  isSpaceAt,
  isToken,
  skipSpace,
  splitList,
  trimSpace,
} from "../../../dist/protocol/handshake/grammar.js";

describe("grammar", () => {
  it("RFC 9110 §5.6.2 tchar is exactly these characters", () => {
    const tokens = Array.from({ length: 0x180 }, (_, code) => String.fromCharCode(code))
      .filter(isToken)
      .join("");
    const expected =
      "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~";
    assert.equal(tokens, expected);
    assert.equal(isToken(""), false);
    assert.equal(isToken("a b"), false);
  });

  it("white space is spaces and tabs", () => {
    assert.equal(isSpaceAt(" \t\n", 0) && isSpaceAt(" \t\n", 1), true);
    assert.equal(isSpaceAt(" \t\n", 2), false);
    assert.equal(skipSpace("  \tx", 0), 3);
    assert.equal(skipSpace("  ", 0), 2);
    assert.equal(trimSpace(" \ta b\t "), "a b");
    assert.equal(trimSpace("  "), "");
  });

  it("RFC 9110 §5.6.1 a list leaves out empty members", () => {
    assert.deepEqual(splitList(" a ,, b,\t,c "), ["a", "b", "c"]);
    assert.deepEqual(splitList(""), []);
  });
});
