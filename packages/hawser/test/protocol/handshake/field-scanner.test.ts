import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { endOfValue, FieldScanner } from "../../../dist/protocol/handshake/field-scanner.js";

/** The lines that are found from `at` on, and where scanning stopped. */
function scan(text: string, at = 0): { lines: [name: string, value: string][]; stopped: number } {
  const scanner = new FieldScanner(text, at);
  const lines: [string, string][] = [];
  while (scanner.next()) {
    const { nameStart, nameEnd, valueStart, valueEnd } = scanner;
    lines.push([text.slice(nameStart, nameEnd), text.slice(valueStart, valueEnd)]);
  }
  return { lines, stopped: scanner.position };
}

describe("field scanner", () => {
  it("RFC 9112 §5 finds lines one after the other, without the white space around values", () => {
    const text = "GET\r\nHost: a\r\nX:\t b c \t\r\nEmpty:\r\n\r\nrest";
    assert.deepEqual(scan(text, 5), {
      lines: [
        ["Host", "a"],
        ["X", "b c"],
        ["Empty", ""],
      ],
      stopped: text.indexOf("\r\nrest"),
    });
  });

  for (const text of [
    "no colon\r\n",
    ": no name\r\n",
    "space : x\r\n",
    " folded: x\r\n",
    "a: b\nc: d\r\n",
    "a: b\rc\r\n",
    "a: \0\r\n",
    "a: \x7f\r\n",
    "a: cut off",
    "a: cut off\r",
    "a",
    "",
  ]) {
    it(`RFC 9112 §5.1, §2.2 finds no line in ${JSON.stringify(text)}`, () => {
      assert.deepEqual(scan(text), { lines: [], stopped: 0 });
    });
  }

  it("RFC 9112 §5.2 stops before a folded line", () => {
    const text = "a: b\r\n folded\r\n";
    assert.deepEqual(scan(text), { lines: [["a", "b"]], stopped: 6 });
  });

  it("RFC 9110 §5.5 a value goes on to the first control character that is no tab", () => {
    assert.equal(endOfValue("a\tb\xff\r", 0), 4);
    assert.equal(endOfValue("a\x7f", 0), 1);
    assert.equal(endOfValue("all of it", 3), 9);
  });
});
