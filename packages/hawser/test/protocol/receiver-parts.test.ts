// Messages that are announced, and then given whole or in parts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type LimitError, nodePlatform } from "../../dist/index.js";
import { violation } from "../../dist/protocol/fault.js";
import { Receiver } from "../../dist/protocol/receiver.js";
import {
  bytes,
  checkBothRoles,
  closeFrame,
  Conversation,
  type Event,
  hex,
  type Options,
  table,
} from "./conversation.js";

const inParts: Options = { announced: Number.POSITIVE_INFINITY };
const begin: Event = ["begin", "binary"];
const beginText: Event = ["begin", "text"];

describe("receiver: messages in parts", () => {
  it("§5.4 of one frame, of several, and of none but empty ones", () => {
    checkBothRoles({
      frames: "82 03 00ff7f  02 01 aa  00 00  80 02 bbcc  82 00  02 00  00 00  80 00",
      events: [
        begin,
        ["part", "00ff7f", true],
        begin,
        ["part", "aabbcc", true],
        begin,
        ["part", "", true],
        begin,
        ["part", "", true],
      ],
      options: inParts,
    });
  });

  it("§5.4 control frames come between the parts, and messages behind the last", () => {
    checkBothRoles({
      frames: "02 02 aabb  8a 01 31  80 01 cc  81 02 6869  88 00",
      events: [
        begin,
        ["part", "aabb", false],
        ["pong", "31"],
        ["part", "cc", true],
        beginText,
        ["part", "6869", true],
        ["close", 1005, ""],
      ],
      output: "88 00",
      options: inParts,
    });
  });

  it("§5.1 of a client are unmasked, whatever their split", () => {
    const payload = hex(Buffer.from(Array.from({ length: 300 }, (_, i) => i & 0xff)));
    checkBothRoles({
      frames: `82 7e 012c ${payload}`,
      events: [begin, ["part", payload, true]],
      options: inParts,
    });
  });

  it("have neither maxMessageBytes nor maxFragments", () => {
    checkBothRoles({
      frames: "02 03 000102  00 03 030405  00 03 060708  80 00",
      events: [begin, ["part", "000102030405060708", true]],
      options: { ...inParts, maxMessageBytes: 2, maxFragments: 2 },
    });
  });

  it("§10.4 but a limit of their own, which the length of a frame can pass", () => {
    const error = { limit: 4, actual: 5 };
    const conversation = new Conversation("client", { announced: 4 });
    conversation.receive(bytes("02 02 0001  80 03"));
    assert.deepEqual(conversation.events, [
      begin,
      ["part", "0001", false],
      ["failed", "HAWSER_MESSAGE_TOO_BIG"],
    ]);
    const { limit, actual } = conversation.owner.errors[0] as LimitError;
    assert.deepEqual({ limit, actual }, error);
    const exact = new Conversation("client", { announced: 5 });
    exact.receive(bytes("02 02 0001  80 03 020304"));
    assert.deepEqual(exact.events, [begin, ["part", "0001020304", true]]);
  });

  it("§8.1 text is checked as it comes, across parts and at the end", () => {
    checkBothRoles({
      frames: "01 02 e282  80 01 ac",
      events: [beginText, ["part", "e282ac", true]],
      options: inParts,
    });
    const { message, closeCode, code } = violation("HAWSER_INVALID_UTF8");
    for (const [frames, before] of [
      ["01 01 61  80 01 ff", [["part", "61", false]]],
      ["01 01 61  80 01 c3", [["part", "61", false]]],
      ["81 01 c3", []],
    ] as const) {
      checkBothRoles({
        frames,
        events: [beginText, ...before, ["failed", code]],
        output: closeFrame(closeCode, message),
        options: inParts,
      });
    }
  });

  it("§8.1 but not where texts are taken for what they are", () => {
    checkBothRoles({
      frames: "81 02 c3ff",
      events: [beginText, ["part", "c3ff", true]],
      options: { ...inParts, checksUtf8: false },
    });
  });

  it("§5.4 whoever begins a message in the middle of one breaks a rule", () => {
    const { message, closeCode, code } = violation("HAWSER_EXPECTED_CONTINUATION");
    checkBothRoles({
      frames: "02 01 aa  82 01 bb",
      events: [begin, ["part", "aa", false], ["failed", code]],
      output: closeFrame(closeCode, message),
      options: inParts,
    });
  });

  it("RFC 7692 §6 compressed ones are not announced: they come whole", () => {
    const conversation = new Conversation("client", {
      ...inParts,
      extension: {
        name: "x",
        minBytes: 0,
        sharedEncoding: undefined,
        decode: (payload) => payload,
        encode: () => undefined,
        close: () => undefined,
      },
    });
    conversation.receive(bytes("c2 02 aabb  82 01 cc"));
    assert.deepEqual(conversation.events, [["binary", "aabb"], begin, ["part", "cc", true]]);
  });
});

describe("receiver: messages that are announced and given whole", () => {
  it("are as others are", () => {
    checkBothRoles({
      frames: "82 00  81 02 6869  01 01 61  00 00  80 01 62  82 02 aabb",
      events: [
        begin,
        ["binary", ""],
        beginText,
        ["text", "hi"],
        beginText,
        ["text", "ab"],
        begin,
        ["binary", "aabb"],
      ],
      options: { announced: "whole" },
    });
  });

  for (const [title, frames, actual] of [
    ["in one frame", "82 03", 3],
    ["in several", "02 02 aabb  80 01", 3],
    ["and with a fault of its header", "82 7f 0000000100000000", 2 ** 32],
  ] as const) {
    it(`§10.4 are limited by maxMessageBytes, ${title}`, () => {
      const conversation = new Conversation("client", { announced: "whole", maxMessageBytes: 2 });
      conversation.receive(bytes(frames));
      assert.deepEqual(conversation.events, [begin, ["failed", "HAWSER_MESSAGE_TOO_BIG"]]);
      assert.equal((conversation.owner.errors[0] as LimitError).actual, actual);
    });
  }

  it("wait, when events are held, until somebody says how", () => {
    const conversation = new Conversation("client", { announced: "whole", maxMessageBytes: 2 });
    const { endpoint, owner, events } = conversation;
    owner.onBegin = () => endpoint.hold();
    conversation.receive(bytes("89 00  82 04 01020304  81 02 6869"));
    assert.deepEqual(events, [["ping", ""], begin]);
    endpoint.receiveInParts(4);
    endpoint.release();
    assert.deepEqual(events.slice(2), [["part", "01020304", true], beginText]);
    endpoint.release();
    assert.deepEqual(events.slice(4), [["text", "hi"]]);
  });

  it("from the next on: one that has begun is given as it was", () => {
    const conversation = new Conversation("client");
    conversation.receive(bytes("02 01 aa"));
    conversation.endpoint.announceMessages();
    conversation.endpoint.receiveInParts(0);
    conversation.receive(bytes("80 01 bb  82 01 cc"));
    assert.deepEqual(conversation.events, [["binary", "aabb"], begin, ["binary", "cc"]]);
  });

  it("without anybody who is told, are given as they are", () => {
    const { begin: _begin, part: _part, ...events } = table;
    const conversation = new Conversation("client", { announced: "whole", events });
    const { endpoint, owner } = conversation;
    owner.onEvent = () => endpoint.hold();
    conversation.receive(bytes("81 02 6869  89 00  82 01 aa  89 01 31"));
    endpoint.release();
    endpoint.release();
    assert.deepEqual(conversation.events, [
      ["text", "hi"],
      ["ping", ""],
      ["binary", "aa"],
    ]);
    endpoint.release();
    const unheard = new Conversation("client", {
      announced: 1,
      events: { ...events, begin: (one) => one.onBegin() },
    });
    unheard.receive(bytes("82 01 aa  89 01 31"));
    assert.deepEqual(unheard.events, [["ping", "31"]]);
  });
});

describe("receiver: after `clear`", () => {
  it("nothing is announced or in parts any more", () => {
    const receiver = new Receiver(
      {
        role: "client",
        platform: nodePlatform,
        maxMessageBytes: 16,
        maxFragments: 16,
        binaryViews: false,
      },
      false,
    );
    receiver.announceMessages();
    receiver.feed(bytes("82 02 aa"));
    assert.equal(receiver.next(), "begin");
    receiver.giveInParts(2);
    receiver.clear();
    receiver.feed(bytes("82 01 bb"));
    assert.equal(receiver.next(), "binary");
    assert.equal(hex(receiver.payload), "bb");
  });
});
