import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type LimitError, nodePlatform } from "../../dist/index.js";
import type { Extension } from "../../dist/protocol/index.js";
import { limitExceeded, violation, violations } from "../../dist/protocol/fault.js";
import type { ReceiverOptions } from "../../dist/protocol/frame-reader.js";
import { cpuMs } from "../support/cpu-time.ts";
import { Receiver } from "../../dist/protocol/receiver.js";
import {
  bytes,
  checkBothRoles,
  closeFrame,
  Conversation,
  type Event,
  hex,
  masked,
} from "./conversation.js";

const text = (payload: string): string => hex(Buffer.from(payload));

/** What comes of frames that break a rule: nothing more is read, and the Close frame says why. */
function failsWith(
  code: keyof typeof violations,
  ...before: Event[]
): { events: Event[]; output: string } {
  const error = violation(code);
  return {
    events: [...before, ["failed", code]],
    output: closeFrame(error.closeCode, error.message),
  };
}

describe("receiver: messages", () => {
  it('§5.7 a single-frame text message: "Hello"', () => {
    checkBothRoles({ frames: "81 05 48656c6c6f", events: [["text", "Hello"]] });
  });

  it("§5.7 a fragmented text message", () => {
    checkBothRoles({ frames: "01 03 48656c  80 02 6c6f", events: [["text", "Hello"]] });
  });

  it("§5.6 binary data, and empty messages of both types", () => {
    checkBothRoles({
      frames: "82 03 00ff7f  81 00  82 00",
      events: [
        ["binary", "00ff7f"],
        ["text", ""],
        ["binary", ""],
      ],
    });
  });

  for (const size of [125, 126, 127, 128, 129, 65_535, 65_536]) {
    it(`§5.2 a payload of ${size} bytes, text and binary`, () => {
      const payload = "ab".repeat(Math.ceil(size / 2)).slice(0, size);
      const length =
        size < 126
          ? size.toString(16)
          : size < 65_536
            ? `7e${size.toString(16).padStart(4, "0")}`
            : `7f${size.toString(16).padStart(16, "0")}`;
      checkBothRoles({
        frames: `81${length}${text(payload)} 82${length}${text(payload)}`,
        events: [
          ["text", payload],
          ["binary", text(payload)],
        ],
      });
    });
  }

  it("§5.4 fragments may be empty, and any number of them", () => {
    checkBothRoles({
      frames: "02 00  00 01 aa  00 00  00 02 bbcc  80 00",
      events: [["binary", "aabbcc"]],
    });
  });

  it("§5.4 control frames may come between fragments", () => {
    checkBothRoles({
      frames: "01 02 4865  89 01 31  00 01 6c  8a 01 32  80 02 6c6f",
      events: [
        ["ping", "31"],
        ["pong", "32"],
        ["text", "Hello"],
      ],
      output: "8a 01 31",
    });
  });

  it("§5.6 text of more than one byte a character, cut anywhere, also between fragments", () => {
    checkBothRoles({
      frames: "81 0b cebae1bdb9cf83cebcceb5  01 02 f09f  80 02 9880",
      events: [
        ["text", "\u03ba\u1f79\u03c3\u03bc\u03b5"],
        ["text", "😀"],
      ],
    });
  });

  it("§5.6 a byte order mark and a NUL are part of the text", () => {
    checkBothRoles({ frames: "81 05 efbbbf 00 41", events: [["text", "\ufeff\u0000A"]] });
  });

  it("§5.5.2, §5.5.3 a ping and a pong of 125 bytes", () => {
    const payload = "cd".repeat(125);
    checkBothRoles({
      frames: `89 7d ${payload} 8a 7d ${payload}`,
      events: [
        ["ping", payload],
        ["pong", payload],
      ],
      output: `8a 7d ${payload}`,
    });
  });
});

describe("receiver: violations", () => {
  for (const [name, first] of [
    ["RSV1", "c1"],
    ["RSV2", "a1"],
    ["RSV3", "91"],
    ["RSV1 on a continuation", "01 01 41 c0"],
    ["RSV1 on a ping", "c9"],
    ["RSV3 on a close", "98"],
  ] as const) {
    it(`§5.2 ${name} without an extension`, () => {
      checkBothRoles({ frames: `${first} 01 41`, ...failsWith("HAWSER_UNEXPECTED_RSV") });
    });
  }

  for (const opcode of ["83", "84", "85", "86", "87", "8b", "8c", "8d", "8e", "8f"]) {
    it(`§5.2 the reserved opcode ${opcode[1]}`, () => {
      checkBothRoles({ frames: `${opcode} 00`, ...failsWith("HAWSER_RESERVED_OPCODE") });
    });
  }

  it("§5.1 a server fails the connection on an unmasked frame", () => {
    const conversation = new Conversation("server").receive(bytes("81 05 48656c6c6f"));
    assert.deepEqual(conversation.events, [["failed", "HAWSER_MASK_MISSING"]]);
  });

  it("§5.1 a client fails the connection on a masked frame", () => {
    const conversation = new Conversation("client").receive(masked(bytes("81 05 48656c6c6f")));
    assert.deepEqual(conversation.events, [["failed", "HAWSER_MASK_UNEXPECTED"]]);
  });

  it("§5.5 a fragmented control frame", () => {
    checkBothRoles({ frames: "09 01 41", ...failsWith("HAWSER_CONTROL_FRAGMENTED") });
  });

  it("§5.5 a control frame of more than 125 bytes", () => {
    checkBothRoles({
      frames: `89 7e 007e ${"41".repeat(126)}`,
      ...failsWith("HAWSER_CONTROL_TOO_LONG"),
    });
  });

  for (const first of ["80", "00"]) {
    it(`§5.4 a continuation (${first}) without a message`, () => {
      checkBothRoles({
        frames: `81 01 41  ${first} 01 42`,
        ...failsWith("HAWSER_UNEXPECTED_CONTINUATION", ["text", "A"]),
      });
    });
  }

  for (const first of ["81", "02"]) {
    it(`§5.4 a new message (${first}) inside a message`, () => {
      checkBothRoles({
        frames: `01 01 41  ${first} 01 42`,
        ...failsWith("HAWSER_EXPECTED_CONTINUATION"),
      });
    });
  }

  for (const [frames, name] of [
    ["82 7e 007d", "125 in 16 bits"],
    ["82 7e 0000", "0 in 16 bits"],
    ["82 7f 000000000000ffff", "65,535 in 64 bits"],
    ["82 7f 0000000000000000", "0 in 64 bits"],
  ] as const) {
    it(`§5.2 a length that is not in its shortest form: ${name}`, () => {
      const fails = failsWith("HAWSER_LENGTH_NOT_MINIMAL");
      assertAtHeader(frames, fails.events);
    });
  }

  it("§5.2 a 64-bit length with its top bit set", () => {
    assertAtHeader("82 7f 8000000000000000", [["failed", "HAWSER_LENGTH_TOP_BIT"]]);
    assertAtHeader("82 7f ffffffffffffffff", [["failed", "HAWSER_LENGTH_TOP_BIT"]]);
  });

  for (const [payload, name] of [
    ["80", "a lone continuation byte"],
    ["c0af", "an overlong form"],
    ["eda080", "a surrogate"],
    ["f4908080", "a code point beyond U+10FFFF"],
    ["c3", "a message that ends inside a code point"],
    ["cebae1bdb9cf83cebcceb5 eda080 656469746564", "a surrogate inside a text"],
  ] as const) {
    it(`§8.1 invalid UTF-8: ${name}`, () => {
      const length = (bytes(payload).length + 0x100).toString(16).slice(1);
      checkBothRoles({ frames: `81 ${length} ${payload}`, ...failsWith("HAWSER_INVALID_UTF8") });
    });
  }

  it("§8.1 invalid UTF-8 in fragments, at their boundary too, and in long texts", () => {
    checkBothRoles({ frames: "01 02 f09f  80 01 41", ...failsWith("HAWSER_INVALID_UTF8") });
    checkBothRoles({ frames: "01 02 f09f  80 00", ...failsWith("HAWSER_INVALID_UTF8") });
    const long = `${"61".repeat(200)}c0${"61".repeat(99)}`;
    checkBothRoles({ frames: `81 7e 012c ${long}`, ...failsWith("HAWSER_INVALID_UTF8") });
  });

  it("§8.1 fails at the first bad byte, before the frame has ended", () => {
    const start = bytes("81 14 cebae1bdb9cf83cebcceb5 f490");
    const conversation = new Conversation("client").receive(start);
    assert.deepEqual(conversation.events, [["failed", "HAWSER_INVALID_UTF8"]]);
  });

  it("§5.5.1 a Close frame with a payload of one byte", () => {
    checkBothRoles({ frames: "88 01 03", ...failsWith("HAWSER_CLOSE_PAYLOAD") });
  });

  for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]) {
    it(`§7.4 a Close frame with the code ${code}`, () => {
      checkBothRoles({ frames: closeFrame(code), ...failsWith("HAWSER_CLOSE_CODE") });
    });
  }

  it("§8.1 a close reason that is not UTF-8", () => {
    checkBothRoles({ frames: "88 04 03e8 c0af", ...failsWith("HAWSER_CLOSE_REASON_UTF8") });
  });

  it("every violation of the table but that of an extension occurs above", () => {
    const inFaults = Object.keys(violations).filter((code) => code !== "HAWSER_BAD_COMPRESSION");
    assert.equal(inFaults.length, 14);
  });
});

/** The verdict is there with the last byte of the length: no key, no payload. */
function assertAtHeader(frames: string, events: Event[]): void {
  const asServer = bytes(frames);
  asServer[1] = (asServer[1] as number) | 0x80;
  assert.deepEqual(new Conversation("server").receive(asServer).events, events);
  const asClient = new Conversation("client");
  for (const byte of bytes(frames)) asClient.receive(Uint8Array.of(byte));
  assert.deepEqual(asClient.events, events);
}

describe("receiver: limits", () => {
  it("§10.4 a message larger than maxMessageBytes fails at its header", () => {
    const options = { maxMessageBytes: 5 };
    checkBothRoles({ frames: "81 05 48656c6c6f", events: [["text", "Hello"]], options });
    const message = limitExceeded("HAWSER_MESSAGE_TOO_BIG", 5, 6).message;
    const conversation = new Conversation("client", options).receive(bytes("81 06"));
    assert.deepEqual(conversation.events, [["failed", "HAWSER_MESSAGE_TOO_BIG"]]);
    assert.equal(conversation.owner.errors[0]?.message, message);
  });

  it("§10.4 fragments count together", () => {
    const { message } = limitExceeded("HAWSER_MESSAGE_TOO_BIG", 5, 6);
    checkBothRoles({
      frames: "01 03 48656c  80 03 6c6f21",
      options: { maxMessageBytes: 5 },
      events: [["failed", "HAWSER_MESSAGE_TOO_BIG"]],
      output: closeFrame(1009, message),
    });
  });

  it("§10.4 a compressed payload may have an eighth and 64 bytes more: content that can't be compressed grows", () => {
    const extension: Extension = {
      name: "x-half",
      minBytes: 0,
      sharedEncoding: undefined,
      decode: (payload) => payload.subarray(payload.length / 2),
      encode: () => undefined,
      close: () => undefined,
    };
    const options = { maxMessageBytes: 80, extension };
    const zeros = (count: number): string => "00".repeat(count);
    checkBothRoles({
      frames: `c2 7e 009a ${zeros(154)}  42 51 ${zeros(81)} 80 49 ${zeros(73)}`,
      events: [
        ["binary", zeros(77)],
        ["binary", zeros(77)],
      ],
      options,
    });
    for (const frames of [
      "c2 7e 009b",
      `42 51 ${zeros(81)} 80 4a`,
      "82 51",
      `02 50 ${zeros(80)} 80 01`,
    ]) {
      const conversation = new Conversation("client", options).receive(bytes(frames));
      assert.deepEqual(conversation.events, [["failed", "HAWSER_MESSAGE_TOO_BIG"]]);
      const [error] = conversation.owner.errors as LimitError[];
      assert.equal(error?.limit, 80);
    }
  });

  it("2^63−1 bytes declared: refused without taking memory", () => {
    assertAtHeader("82 7f 7fffffffffffffff", [["failed", "HAWSER_MESSAGE_TOO_BIG"]]);
  });

  it("§10.4 more fragments than maxFragments, empty ones too", () => {
    const { message } = limitExceeded("HAWSER_TOO_MANY_FRAGMENTS", 3, 4);
    checkBothRoles({
      frames: "02 00  00 00  80 01 aa  02 00  00 00  00 00  00 00",
      options: { maxFragments: 3 },
      events: [
        ["binary", "aa"],
        ["failed", "HAWSER_TOO_MANY_FRAGMENTS"],
      ],
      output: closeFrame(1008, message),
    });
  });

  it("holds at most 2x what came of an unfinished message and 64 KiB, however it is cut", () => {
    for (const size of [1, 100, 5000]) {
      const receiver = new Receiver(receiverOptions, false);
      let came = 0;
      receiver.feed(bytes("02 00"));
      assert.equal(receiver.next(), "starved");
      assert.equal(receiver.heldBytes, 0);
      for (let i = 0; i < 500; i++, came += size) {
        const head = size < 126 ? bytes(`00 ${hex(Uint8Array.of(size))}`) : bytes("00 7e 1388");
        receiver.feed(Buffer.concat([head, Buffer.alloc(size)]));
        assert.equal(receiver.next(), "starved");
        assert.ok(receiver.heldBytes <= 2 * (came + size) + 65_536);
      }
    }
  });
});

const receiverOptions: ReceiverOptions = {
  role: "client",
  platform: nodePlatform,
  maxMessageBytes: 16 * 1024 * 1024,
  maxFragments: 100_000,
  binaryViews: false,
};

describe("receiver: input", () => {
  it("gives copies that are the receiver's, or views when it is told to", () => {
    for (const binaryViews of [false, true]) {
      const receiver = new Receiver({ ...receiverOptions, binaryViews }, false);
      const input = bytes("82 03 010203");
      receiver.feed(input);
      assert.equal(receiver.next(), "binary");
      assert.equal(hex(receiver.payload), "010203");
      input[2] = 9;
      assert.equal(receiver.payload[0], binaryViews ? 9 : 1);
    }
  });

  it("keeps further input until it is asked for, in order", () => {
    const receiver = new Receiver(receiverOptions, false);
    receiver.feed(bytes("81 01 61 81"));
    receiver.feed(bytes(""));
    receiver.feed(bytes("01"));
    receiver.feed(bytes("62 81 01 63"));
    const texts: string[] = [];
    while (receiver.next() === "text") texts.push(receiver.text);
    assert.deepEqual(texts, ["a", "b", "c"]);
  });

  it("§5.5 a control frame cut behind its header says nothing of the next one", () => {
    const receiver = new Receiver(receiverOptions, false);
    const payload = "ab".repeat(125);
    // The header of a ping of 125 bytes alone; its payload and a part of a ping of 2; the rest.
    const seen = [`89 7d`, `${payload} 89 02 42`, `43 89 05`, `48 65 6c 6c 6f`].flatMap((piece) => {
      const found: string[] = [];
      const input = bytes(piece);
      receiver.feed(input);
      while (receiver.next() === "ping") found.push(hex(receiver.payload));
      receiver.keep(input);
      return found;
    });
    assert.deepEqual(seen, [payload, "4243", "48656c6c6f"]);
  });

  it("keeps the order, whenever in between it is asked", () => {
    const pieces = ["81 01 61 81 01 62", "81 01 63", "81", "01 64", "81 01 65 81 01 66"];
    // Each bit is a step: 1 feeds a piece, 0 asks for a message.
    for (let steps = 0; steps < 2 ** 10; steps++) {
      const receiver = new Receiver(receiverOptions, false);
      const toFeed = pieces.map((piece) => bytes(piece));
      const texts: string[] = [];
      const ask = (): boolean => receiver.next() === "text" && texts.push(receiver.text) > 0;
      for (let step = 0; step < 10; step++) {
        const piece = (steps >> step) & 1 ? toFeed.shift() : undefined;
        if (piece === undefined) ask();
        else {
          receiver.feed(piece);
          receiver.keep(piece);
        }
      }
      for (const piece of toFeed) receiver.feed(piece);
      while (ask());
      assert.equal(texts.join(""), "abcdef", `steps ${steps.toString(2)}`);
    }
  });

  it("does not keep the last message alive while it waits for more", () => {
    const receiver = new Receiver(receiverOptions, false);
    receiver.feed(bytes("81 01 61 82 01 62"));
    assert.equal(receiver.next(), "text");
    assert.equal(receiver.next(), "binary");
    assert.equal(receiver.next(), "starved");
    assert.deepEqual([receiver.text, receiver.payload.length], ["", 0]);
  });

  it("forgets everything on clear", () => {
    const receiver = new Receiver(receiverOptions, false);
    receiver.feed(bytes("02 02 aa"));
    assert.equal(receiver.next(), "starved");
    assert.ok(receiver.heldBytes > 0);
    receiver.feed(bytes("bb"));
    receiver.clear();
    assert.equal(receiver.next(), "starved");
    assert.equal(receiver.heldBytes, 0);
    receiver.feed(bytes("81 01 61"));
    assert.equal(receiver.next(), "text");
  });

  for (const [name, frames] of [
    ["a continuation", "01 01 41 c0 00"],
    ["a ping", "c9 00"],
    ["a Close frame", "c8 00"],
  ] as const) {
    it(`RFC 7692 §6 RSV1 on ${name}, on a connection that compresses`, () => {
      const receiver = new Receiver({ ...receiverOptions, role: "client" }, true);
      receiver.feed(bytes(frames));
      assert.throws(() => receiver.next(), { code: "HAWSER_UNEXPECTED_RSV" });
    });
  }

  it("takes time linear in its input, one byte at a time: 1 MiB in five seconds", () => {
    const receiver = new Receiver(receiverOptions, false);
    const frame = Buffer.concat([bytes("82 7f 0000000000100000"), Buffer.alloc(1024 * 1024)]);
    let events = 0;
    const ms = cpuMs(() => {
      for (let i = 0; i < frame.length; i++) {
        receiver.feed(frame.subarray(i, i + 1));
        if (receiver.next() === "binary") events++;
      }
    });
    assert.equal(events, 1);
    assert.ok(ms < 5_000, `${ms} ms`);
  });
});
