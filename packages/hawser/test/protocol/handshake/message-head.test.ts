import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  decodeLatin1,
  encodeLatin1,
  HeadReader,
  isFieldValue,
} from "../../../dist/protocol/handshake/message-head.js";
import { splits } from "../conversation.js";

const limits = { maxHeaderBytes: 1000, maxHeaders: 4 };

function read(text: string): ReturnType<HeadReader["receive"]> {
  return new HeadReader(limits).receive(encodeLatin1(text));
}

describe("message head", () => {
  it("RFC 9112 §2.1 reads a head at any split, and hands back what follows", () => {
    const input = encodeLatin1("GET / HTTP/1.1\r\nHost: a\r\nX:\t b c \t\r\nx: d\r\n\r\nrest");
    for (const parts of splits(input)) {
      const reader = new HeadReader(limits);
      let rest = "";
      let head: ReturnType<HeadReader["receive"]>;
      for (const part of parts) {
        if (head === undefined) {
          head = reader.receive(part);
          rest += decodeLatin1(reader.rest);
        } else rest += decodeLatin1(part);
      }
      assert.ok(typeof head === "object");
      assert.equal(head.startLine, "GET / HTTP/1.1");
      assert.deepEqual(head.fields, ["Host", "a", "X", "b c", "x", "d"]);
      assert.equal(rest, "rest");
    }
  });

  it("reads a head without fields, and bytes of 0x80 and up as Latin-1", () => {
    const head = read("HTTP/1.1 200 \xe9\r\nA: \xff\r\n\r\n");
    assert.ok(typeof head === "object");
    assert.equal(head.startLine, "HTTP/1.1 200 é");
    assert.deepEqual(head.fields, ["A", "ÿ"]);
    assert.ok(typeof read("X\r\n\r\n") === "object");
  });

  for (const text of [
    "GET /\r\nno colon\r\n\r\n",
    "GET /\r\n: empty\r\n\r\n",
    "GET /\r\nspace : x\r\n\r\n",
    "GET /\r\n folded: x\r\n\r\n",
    "GET /\r\na: b\r\n folded\r\n\r\n",
    "GET /\r\na: b\nc\r\n\r\n",
    "GET /\r\na: b\rc\r\n\r\n",
    "GET /\r\na: \0\r\n\r\n",
    "GET /\r\na: \x7f\r\n\r\n",
    "GET /\n\r\n\r\n",
  ]) {
    it(`RFC 9112 §5 refuses ${JSON.stringify(text)}`, () => assert.equal(read(text), "malformed"));
  }

  it("bounds the bytes and the fields", () => {
    assert.equal(read(`GET /\r\na: ${"x".repeat(1000)}`), "too large");
    assert.equal(read("GET /\r\na: 1\r\nb: 2\r\nc: 3\r\nd: 4\r\ne: 5\r\n\r\n"), "too large");
    const reader = new HeadReader(limits);
    let verdict: unknown;
    for (let i = 0; i < 1001; i++) verdict = reader.receive(encodeLatin1("x"));
    assert.equal(verdict, "too large");
  });

  it("finds the end behind a run of CR and LF that is none", () => {
    const head = read("A\r\nb: c\r\r\n\r\n");
    assert.equal(head, "malformed");
    assert.equal(read("A\r\r\n"), undefined);
  });

  it("knows what a field's value may hold", () => {
    assert.equal(isFieldValue("a\tb é"), true);
    for (const bad of ["\r", "\n", "\0", "\x1f", "\x7f"]) assert.equal(isFieldValue(bad), false);
  });

  it("turns bytes to Latin-1 and back, long ones too", () => {
    const all = Uint8Array.from({ length: 10_000 }, (_, i) => i & 0xff);
    assert.deepEqual(encodeLatin1(decodeLatin1(all)), all);
  });
});
