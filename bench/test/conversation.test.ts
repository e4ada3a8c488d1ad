// The load's own bytes and counts: if these were wrong, so would be every figure.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { constants, deflateRawSync } from "node:zlib";
import type { AnswerCounter } from "../dist/conversation/conversation.js";
import { conversationWith } from "../dist/conversation/conversation-with.js";
import { maskedFrame, unmaskedFrame } from "../dist/conversation/frame.js";
import { FrameCycle } from "../dist/conversation/frame-cycle.js";
import { jsonTexts } from "../dist/conversation/json.js";
import { answerFrame } from "../dist/conversation/plain.js";
import { type ServerScenario, scenarios } from "../dist/scenarios.js";

/** How many answers `bytes` are, taken in pieces of that size. */
function countIn(counter: AnswerCounter, bytes: Buffer, pieceBytes: number): number {
  let answers = 0;
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const piece = bytes.subarray(at, at + pieceBytes);
    answers += counter.count(piece, piece.length);
  }
  return answers;
}

function scenario(name: string): ServerScenario {
  return scenarios.get(name) as ServerScenario;
}

const upgraded = "HTTP/1.1 101 Switching Protocols\r\n";

describe("frames", () => {
  it("§5.2 have their length in the shortest form", () => {
    assert.deepEqual([...unmaskedFrame(0x82, Buffer.alloc(125)).subarray(0, 2)], [0x82, 125]);
    assert.deepEqual(
      [...unmaskedFrame(0x82, Buffer.alloc(126)).subarray(0, 4)],
      [0x82, 126, 0, 126],
    );
    const large = unmaskedFrame(0x82, Buffer.alloc(65_536)).subarray(0, 10);
    assert.deepEqual([...large], [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
  });

  it("§5.3 of a client are masked", () => {
    assert.equal(maskedFrame(0x81, Buffer.from("abcde")).toString("hex"), "81855ca1ab1e3dc3c87a39");
  });

  it("follow on each other in a cycle", () => {
    const cycle = new FrameCycle(
      ["a", "bb", "ccc"].map((text) => Buffer.from(text)),
      2,
    );
    const taken = [cycle.take(0, 2), cycle.take(2, 2), cycle.take(4, 1)].map(String);
    assert.deepEqual(taken, ["abb", "ccca", "bb"]);
  });
});

describe("a plain conversation", () => {
  const conversation = () => conversationWith("ws", scenario("echo-64x16"), 16);

  for (const pieceBytes of [1, 7, 1024]) {
    it(`counts answers in pieces of ${pieceBytes}`, () => {
      const answers = Buffer.concat(Array.from({ length: 5 }, () => answerFrame(64)));
      assert.equal(countIn(conversation().newCounter(), answers, pieceBytes), 5);
    });
  }

  it("throws for a wrong answer", () => {
    const wrong = unmaskedFrame(0x82, Buffer.alloc(64));
    assert.throws(() => countIn(conversation().newCounter(), wrong, 100), /something else/);
  });

  it("throws when it is not upgraded", () => {
    const refusal = "HTTP/1.1 400 Bad Request\r\n\r\n";
    assert.throws(() => conversation().isOpen(refusal, () => undefined), /not a 101/);
  });
});

describe("a deflated conversation", () => {
  const conversation = () => conversationWith("ws", scenario("echo-deflate"), 1);
  const [first, second] = jsonTexts(1024).map((text) =>
    deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4),
  ) as [Buffer, Buffer];

  it("has messages of the size that it says, each different", () => {
    const texts = jsonTexts(1024);
    assert.ok(texts.every((text) => Buffer.byteLength(text) === 1024 && JSON.parse(text)));
    assert.equal(new Set(texts).size, texts.length);
  });

  it("is open only when permessage-deflate was agreed on", () => {
    const agreed = `${upgraded}Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n`;
    assert.equal(
      conversation().isOpen(agreed.slice(0, -1), () => undefined),
      false,
    );
    assert.equal(
      conversation().isOpen(agreed, () => undefined),
      true,
    );
    assert.throws(
      () => conversation().isOpen(`${upgraded}\r\n`, () => undefined),
      /ws did not agree to permessage-deflate/,
    );
  });

  for (const pieceBytes of [1, 3, 4096]) {
    it(`counts frames of any length in pieces of ${pieceBytes}`, () => {
      const frames = [first, second, Buffer.alloc(10)].map((each) => unmaskedFrame(0xc1, each));
      const counter = conversation().newCounter();
      assert.equal(countIn(counter, Buffer.concat(frames), pieceBytes), 3);
    });
  }

  it("throws when the first answer is not compressed, or another one", () => {
    const plain = unmaskedFrame(0x81, first);
    assert.throws(
      () => countIn(conversation().newCounter(), plain, 4096),
      /not answer with a comp/,
    );
    const other = unmaskedFrame(0xc1, deflateRawSync("other", { finishFlush: 2 }).subarray(0, -4));
    assert.throws(() => countIn(conversation().newCounter(), other, 4096), /something else/);
  });
});

describe("a Socket.IO conversation", () => {
  it("connects to the namespace before it is open", () => {
    const { isOpen } = conversationWith("socket.io", scenario("echo-64x1"), 1);
    const replies: Buffer[] = [];
    const reply = (frame: Buffer) => void replies.push(frame);
    const greeted = `${upgraded}\r\n\x81\x500{"sid":"a","upgrades":[],"maxPayload":1000000}`;
    assert.equal(isOpen(`${upgraded}\r\n`, reply), false);
    assert.equal(isOpen(greeted, reply), false);
    assert.deepEqual(replies, [maskedFrame(0x81, Buffer.from("40"))]);
    assert.equal(isOpen(`${greeted}\x81\x0c40{"sid":"b"}`, reply), true);
  });
});
