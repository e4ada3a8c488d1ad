import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { RepeatedMessage } from "../../dist/ws/repeated-message.js";

const [one, two, three] = [{}, {}, {}];

const hex = (frame: Buffer | undefined): string | undefined => frame?.toString("hex");

describe("ws: a message to one client after the other", () => {
  it("is framed once for all but the first", () => {
    for (const message of ["hello", Buffer.from("hello")]) {
      const repeated = new RepeatedMessage();
      const isText = typeof message === "string";
      assert.equal(repeated.frameFor(one, message, isText), undefined);
      const frame = repeated.frameFor(two, message, isText);
      assert.equal(hex(frame), `${isText ? "81" : "82"}0568656c6c6f`);
      assert.equal(repeated.frameFor(three, message, isText), frame);
    }
  });

  it("bytes that their owner has changed meanwhile are another message", () => {
    const repeated = new RepeatedMessage();
    const message = Buffer.from("aa");
    repeated.frameFor(one, message, false);
    const before = repeated.frameFor(two, message, false);
    message.write("b");
    assert.equal(hex(repeated.frameFor(three, message, false)), "82026261");
    assert.equal(hex(before), "82026161", "and what was sent stays as it is");
  });

  it("the same bytes as text are another message", () => {
    const repeated = new RepeatedMessage();
    const message = Buffer.from("a");
    repeated.frameFor(one, message, false);
    assert.equal(repeated.frameFor(two, message, true), undefined);
    assert.equal(hex(repeated.frameFor(three, message, true)), "810161");
  });

  it("to one and the same client nothing is shared, nor behind another message", () => {
    const repeated = new RepeatedMessage();
    repeated.frameFor(one, "a", true);
    assert.equal(repeated.frameFor(one, "a", true), undefined);
    assert.equal(repeated.frameFor(two, "b", true), undefined);
    assert.equal(repeated.frameFor(three, "a", true), undefined);
  });

  it("what is large is not held on to", () => {
    const repeated = new RepeatedMessage();
    for (const message of ["a".repeat(64 * 1024 + 1), Buffer.alloc(4 * 1024 + 1)]) {
      repeated.frameFor(one, message, true);
      assert.equal(repeated.frameFor(two, message, true), undefined);
    }
  });

  it("§5.2 a text's length is that of its UTF-8", () => {
    const repeated = new RepeatedMessage();
    const text = "é".repeat(100);
    repeated.frameFor(one, text, true);
    const frame = repeated.frameFor(two, text, true);
    assert.equal(hex(frame)?.slice(0, 12), "817e00c8c3a9");
    assert.equal(frame?.length, 204);
  });

  it("who was sent it last may go and come back", () => {
    const repeated = new RepeatedMessage();
    repeated.frameFor(one, "a", true);
    repeated.forget(two);
    assert.equal(repeated.frameFor(one, "a", true), undefined);
    repeated.forget(one);
    assert.equal(hex(repeated.frameFor(one, "a", true)), "810161");
  });
});
