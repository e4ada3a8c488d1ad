import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nodePlatform } from "../../dist/index.js";
import { MessageAssembler } from "../../dist/protocol/message-assembler.js";
import { hex } from "./conversation.js";

describe("message assembler", () => {
  it("joins what it is given", () => {
    const assembler = new MessageAssembler(nodePlatform);
    const source = Buffer.from("..Hel..lo..");
    assembler.append(source, 2, 5, undefined);
    assembler.append(source, 7, 9, 5);
    assert.equal(assembler.byteLength, 5);
    assert.equal(hex(assembler.take()), hex(Buffer.from("Hello")));
  });

  it("never holds more than twice what came and 1 KiB, in steps of any size", () => {
    for (const step of [0, 1, 7, 1000, 70_000]) {
      const assembler = new MessageAssembler(nodePlatform);
      const source = Buffer.alloc(step, 1);
      for (let came = 0; came < 200; came++) {
        assembler.append(source, 0, step, undefined);
        assert.ok(assembler.heldBytes <= 2 * assembler.byteLength + 1024);
      }
    }
  });

  it("takes no memory on the promise of a length", () => {
    const assembler = new MessageAssembler(nodePlatform);
    assembler.append(Buffer.from("x"), 0, 1, 1024 * 1024 * 1024);
    assert.ok(assembler.heldBytes <= 1024);
  });

  it("holds at most twice what came and 64 KiB, whatever length is promised", () => {
    for (const promised of [70_000, 100_000, 300_000, 1_000_000]) {
      const assembler = new MessageAssembler(nodePlatform);
      for (let came = 0; came < 20; came++) {
        assembler.append(Buffer.alloc(1000), 0, 1000, promised);
        assert.ok(assembler.heldBytes <= 2 * assembler.byteLength + 64 * 1024, `of ${promised}`);
      }
    }
  });

  it("does not grow beyond the length that is known, and hands that memory out", () => {
    const assembler = new MessageAssembler(nodePlatform);
    assembler.append(Buffer.alloc(600), 0, 600, 1000);
    assert.equal(assembler.heldBytes, 1000);
    assembler.append(Buffer.alloc(400, 1), 0, 400, 1000);
    const whole = assembler.take();
    assert.equal(whole.length, 1000);
    assert.equal(whole[999], 1);
  });

  it("hands out exactly the message when its memory is larger", () => {
    const assembler = new MessageAssembler(nodePlatform);
    assembler.append(Buffer.from("abc"), 0, 3, undefined);
    assert.equal(assembler.heldBytes, 1024);
    assert.equal(assembler.take().length, 3);
  });

  it("never hands out memory that nobody wrote", () => {
    const assembler = new MessageAssembler(nodePlatform);
    assembler.append(Buffer.from("ab"), 0, 2, 125);
    assert.equal(hex(assembler.take()), "6162");
  });

  it("holds nothing for an empty message", () => {
    const assembler = new MessageAssembler(nodePlatform);
    assembler.append(Buffer.alloc(0), 0, 0, undefined);
    assert.equal(assembler.heldBytes, 0);
    assert.equal(assembler.take().length, 0);
  });
});
