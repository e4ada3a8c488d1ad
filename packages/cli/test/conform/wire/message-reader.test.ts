// What frames come to: messages, control frames, and the rules that span frames.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FrameReader, WireFault } from "../../../dist/conform/wire/frame-reader.js";
import { MessageDeflate } from "../../../dist/conform/wire/message-deflate.js";
import { type Heard, MessageReader } from "../../../dist/conform/wire/message-reader.js";

function hear(hex: string, deflate?: MessageDeflate): Heard[] {
  const frames = new FrameReader({ masked: false, deflate: deflate !== undefined });
  const messages = new MessageReader(deflate);
  frames.push(Buffer.from(hex.replaceAll(" ", ""), "hex"));
  const heard: Heard[] = [];
  for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
    const one = messages.read(frame);
    if (one !== undefined) heard.push(one);
  }
  return heard;
}

describe("MessageReader", () => {
  it("§5.4 joins fragments, with a ping between them", () => {
    assert.deepEqual(hear("0103 48656c  8902 6869  8002 6c6f"), [
      { type: "ping", data: Buffer.from("hi") },
      { type: "text", data: Buffer.from("Hello") },
    ]);
  });

  it("§5.5.1 reads Close frames with and without a code", () => {
    const reason = Buffer.alloc(0);
    assert.deepEqual(hear("8800"), [{ type: "close", code: undefined, reason }]);
    assert.deepEqual(hear("8802 03e8"), [{ type: "close", code: 1000, reason }]);
  });

  it("RFC 7692 §7.2.3.1 inflates a message in two fragments", () => {
    const way = { takesOver: true, windowBits: 15 };
    const deflate = new MessageDeflate({ outgoing: way, incoming: way });
    assert.deepEqual(hear("4103 f248cd 8004 c9c90700", deflate), [
      { type: "text", data: Buffer.from("Hello") },
    ]);
  });

  const faults: [title: string, hex: string, message: RegExp][] = [
    ["§5.4 a continuation of nothing", "8000", /no message is open/],
    ["§5.4 a message inside of another", "0100 8100", /inside of another/],
    ["§8.1 a text that is not UTF-8", "8101 ff", /not UTF-8/],
    ["§5.5.1 a Close frame with one octet", "8801 03", /one octet/],
    ["§5.5.1 a reason that is not UTF-8", "8803 03e8ff", /reason .* not UTF-8/],
  ];
  for (const [title, hex, message] of faults) {
    it(`finds ${title}`, () => {
      assert.throws(
        () => hear(hex),
        (error) => error instanceof WireFault && message.test(error.message),
      );
    });
  }
});
