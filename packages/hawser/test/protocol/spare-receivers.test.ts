import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nodePlatform } from "../../dist/index.js";
import type { ReceiverOptions } from "../../dist/protocol/frame-reader.js";
import type { Receiver } from "../../dist/protocol/receiver.js";
import { giveReceiverBack, takeReceiver } from "../../dist/protocol/spare-receivers.js";
import { bytes, Conversation } from "./conversation.js";

const client: ReceiverOptions = {
  role: "client",
  platform: nodePlatform,
  maxMessageBytes: 1024,
  maxFragments: 10,
  binaryViews: false,
};
const server: ReceiverOptions = { ...client, role: "server" };

function read(receiver: Receiver, input: string): string {
  receiver.feed(bytes(input));
  return receiver.next();
}

describe("spare receivers", () => {
  it("the one that was given back is the next that is taken, for whatever it is to read then", () => {
    const first = takeReceiver(client, false);
    assert.equal(read(first, "81 01 61"), "text");
    giveReceiverBack(first);
    const second = takeReceiver(server, true);
    assert.equal(second, first);
    assert.equal(read(second, "c1 81 01020304 60"), "compressed");
    assert.deepEqual([...second.payload], [0x61]);
    giveReceiverBack(second);
    const third = takeReceiver(client, false);
    assert.equal(third, first);
    assert.throws(() => read(third, "c1 01 61"), { code: "HAWSER_UNEXPECTED_RSV" });
    giveReceiverBack(third);
  });

  for (const [title, input] of [
    ["a header", "81"],
    ["a frame", "81 85 01020304 49"],
    ["a message", "01 81 01020304 49"],
    ["a control frame", "89 85 01020304 49"],
    ["a Close frame", "88 85 01020304 02"],
    ["a compressed message", "41 81 01020304 49"],
    ["a code point", "01 81 01020304 c2"],
  ] as const) {
    it(`one that was in the middle of ${title} is as new`, () => {
      const used = takeReceiver(server, true);
      assert.equal(read(used, input), "starved");
      used.feed(bytes("ff ff"));
      used.feed(bytes("ff ff"));
      assert.equal(used.isIdle, false);
      giveReceiverBack(used);
      assert.equal(used.isIdle, true);
      assert.deepEqual([used.heldBytes, used.unreadBytes], [0, 0]);
      const again = takeReceiver(client, false);
      assert.equal(again, used);
      assert.equal(read(again, "81 02 c3a9"), "text");
      assert.equal(again.text, "é");
      giveReceiverBack(again);
    });
  }

  it("one that was given back keeps nothing alive that it read", () => {
    const receiver = takeReceiver(client, false);
    assert.equal(read(receiver, "81 01 61 82 01 62"), "text");
    assert.equal(receiver.next(), "binary");
    giveReceiverBack(receiver);
    assert.deepEqual([receiver.text, receiver.payload.length], ["", 0]);
  });

  it("is idle between messages, and nowhere else", () => {
    const receiver = takeReceiver(client, false);
    const idle: number[] = [];
    const input = bytes("01 01 61 89 00 80 01 62 81 7e 0080");
    for (const [i, byte] of input.entries()) {
      if (receiver.isIdle) idle.push(i);
      receiver.feed(Uint8Array.of(byte));
      // It may have read a message, or a ping in the middle of one.
      while (receiver.next() !== "starved");
    }
    assert.deepEqual(idle, [0, 8]);
    giveReceiverBack(receiver);
  });

  it("keeps at most 64", () => {
    const many = Array.from({ length: 65 }, () => takeReceiver(client, false));
    for (const receiver of many) giveReceiverBack(receiver);
    const again = new Set(Array.from({ length: 65 }, () => takeReceiver(client, false)));
    assert.equal(many.filter((receiver) => again.has(receiver)).length, 64);
  });

  it("endpoints that read in turns, each in the middle of a message, don't mix them up", () => {
    const conversations = Array.from({ length: 3 }, () => new Conversation("client"));
    for (const part of ["01 03", "61", "62", "63 80", "01", "64 81 01", "65"]) {
      for (const conversation of conversations) conversation.receive(bytes(part));
    }
    for (const { events } of conversations) {
      assert.deepEqual(events, [
        ["text", "abcd"],
        ["text", "e"],
      ]);
    }
  });

  it("one endpoint reads in an event of the other, with a receiver of its own", () => {
    const [outer, inner] = [new Conversation("client"), new Conversation("client")];
    outer.owner.onEvent = () => inner.receive(bytes("81 01 69 81 01 69"));
    outer.receive(bytes("81 01 61 81 01 62"));
    assert.deepEqual(outer.events, [
      ["text", "a"],
      ["text", "b"],
    ]);
    assert.equal(inner.events.length, 4);
  });
});
