// What is made of bytes and texts before they are shown or sent: hex dumps, JSON, lines of input.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hexDump } from "../../dist/connect/hex-dump.js";
import { parseBase64, parseHex, parseJsonLine } from "../../dist/connect/input-line.js";
import { prettyJson } from "../../dist/connect/pretty-json.js";

const plain = (_style: unknown, text: string): string => text;
const marked = (style: unknown, text: string): string => `<${String(style)} ${text}>`;

describe("a hex dump", () => {
  it("has sixteen bytes a line, with their place, and ASCII where it is", () => {
    const bytes = Uint8Array.from({ length: 18 }, (_, index) => 0x1f + index * 0x10);
    assert.equal(
      hexDump(bytes, 100),
      "00000000  1f 2f 3f 4f 5f 6f 7f 8f  9f af bf cf df ef ff 0f  |./?O_o..........|\n" +
        "00000010  1f 2f                                             |./|",
    );
  });

  it("says how much it leaves out", () => {
    assert.match(hexDump(new Uint8Array(20), 16), /\|\n… and 4 bytes more$/);
    assert.equal(hexDump(new Uint8Array(0), 16), "");
  });
});

describe("JSON for people", () => {
  it("is indented, and its numbers and keys stay as they came", () => {
    assert.equal(
      prettyJson('{"a":1e400,"a":[{},[ ],"x,\\"y{"],"b":-0}', plain),
      '{\n  "a": 1e400,\n  "a": [\n    {},\n    [],\n    "x,\\"y{"\n  ],\n  "b": -0\n}',
    );
  });

  it("has keys, strings, numbers and words in different colours", () => {
    assert.equal(
      prettyJson('{"k":["s",1,null]}', marked)?.replaceAll(/\s+/g, " "),
      '{ <cyan "k">: [ <green "s">, <yellow 1>, <magenta null> ] }',
    );
  });

  it("is left as it is when it is none, no object or array, too long or too deep", () => {
    const tooDeep = `${"[".repeat(65)}${"]".repeat(65)}`;
    for (const text of [
      "",
      "hello",
      "12",
      '"text"',
      "{a:1}",
      "[1",
      `[${" ".repeat(300_000)}]`,
      tooDeep,
    ]) {
      assert.equal(prettyJson(text, plain), undefined);
    }
  });
});

describe("a line of input", () => {
  it("of JSON says what is to be sent", () => {
    const rows: [line: string, expected: unknown][] = [
      ['{"type":"text","data":"a"}', { type: "message", message: "a" }],
      ['{"type":"binary","base64":"AP8="}', { type: "message", message: Buffer.from([0, 255]) }],
      ['{"type":"pong"}', { type: "pong", payload: "" }],
      ['{"type":"close"}', { type: "close", code: undefined, reason: "" }],
      ['{"type":"close","code":4000,"reason":"x"}', { type: "close", code: 4000, reason: "x" }],
    ];
    for (const [line, expected] of rows) assert.deepEqual(parseJsonLine(line), expected);
  });

  it("of JSON that says nothing is refused", () => {
    for (const line of [
      "null",
      "1",
      "[]",
      "{}",
      '{"type":"text","data":1}',
      '{"type":"close","code":"1"}',
    ]) {
      assert.throws(() => parseJsonLine(line), /a line has to be like/);
    }
  });

  it("of hex or base64 is bytes", () => {
    assert.deepEqual(parseHex("00 fF:7f"), Buffer.from([0, 255, 127]));
    assert.deepEqual(parseBase64("AP9/"), Buffer.from([0, 255, 127]));
    for (const text of ["", "0", "zz", "0 00"]) assert.throws(() => parseHex(text), /pairs of/);
    for (const text of ["A", "AP9_", "A===", "AA=A"])
      assert.throws(() => parseBase64(text), /base64 is/);
  });
});
