// The port of extensions, with one that XORs each byte: what permessage-deflate will plug into.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Extension, LimitError } from "../../dist/protocol/index.js";
import { bytes, checkBothRoles, closeFrame, Conversation, hex } from "./conversation.js";
import { violation } from "../../dist/protocol/fault.js";

const flip = (payload: Uint8Array): Uint8Array => payload.map((byte) => byte ^ 0xff);

const flipping: Extension = {
  name: "x-flip",
  decode: (payload) => flip(payload),
  encode: (content) => (content.length < 3 ? undefined : flip(content)),
};

/** Decodes later, when the test says so. */
class Deferred implements Extension {
  readonly name = "x-later";
  settle: { resolve: (content: Uint8Array) => void; reject: (error: unknown) => void }[] = [];

  decode(): Promise<Uint8Array> {
    return new Promise((resolve, reject) => this.settle.push({ resolve, reject }));
  }

  encode(): undefined {
    return undefined;
  }
}

const flipped = hex(flip(Buffer.from("Hello")));

describe("extension: receiving", () => {
  it("RFC 7692 §6 decodes messages with RSV1, and leaves others as they are", () => {
    checkBothRoles({
      frames: `c1 05 ${flipped}  81 02 6869  c2 02 fffe`,
      events: [
        ["text", "Hello"],
        ["text", "hi"],
        ["binary", "0001"],
      ],
      options: { extension: flipping },
    });
  });

  it("RFC 7692 §6 RSV1 is on the first frame of a message", () => {
    checkBothRoles({
      frames: `41 02 ${flipped.slice(0, 4)} 80 03 ${flipped.slice(4)}  42 01 ff 80 00`,
      events: [
        ["text", "Hello"],
        ["binary", "00"],
      ],
      options: { extension: flipping },
    });
  });

  for (const frames of ["c9 00", "41 01 ff c0 01 ff", "e1 00"]) {
    it(`RFC 7692 §6 fails on ${frames}: RSV1 elsewhere, or another bit`, () => {
      const { message } = violation("HAWSER_UNEXPECTED_RSV");
      checkBothRoles({
        frames,
        events: [["failed", "HAWSER_UNEXPECTED_RSV"]],
        output: closeFrame(1002, message),
        options: { extension: flipping },
      });
    });
  }

  it("§8.1 checks the UTF-8 of what was decoded, not of what came", () => {
    checkBothRoles({
      frames: "c1 01 00",
      events: [["failed", "HAWSER_INVALID_UTF8"]],
      output: closeFrame(1007, violation("HAWSER_INVALID_UTF8").message),
      options: { extension: flipping },
    });
  });

  it("the limit is on what was decoded", () => {
    const doubling: Extension = {
      ...flipping,
      decode: (payload) => Buffer.concat([payload, payload]),
    };
    const conversation = new Conversation("client", { extension: doubling, maxMessageBytes: 5 });
    conversation.receive(bytes("c2 02 0102 c2 03 010203"));
    assert.deepEqual(conversation.events, [
      ["binary", "01020102"],
      ["failed", "HAWSER_MESSAGE_TOO_BIG"],
    ]);
  });

  it("a LimitError of the extension stays what it is; anything else is 1007", () => {
    const thrown = [
      new LimitError("HAWSER_MESSAGE_TOO_BIG", "big", 1, 2, 1009),
      new Error("corrupt"),
    ];
    const codes = thrown.map((error) => {
      const failing: Extension = {
        ...flipping,
        decode: () => {
          throw error;
        },
      };
      const conversation = new Conversation("client", { extension: failing }).receive(
        bytes("c2 00"),
      );
      return [conversation.owner.errors[0]?.code, conversation.owner.errors[0]?.closeCode];
    });
    assert.deepEqual(codes, [
      ["HAWSER_MESSAGE_TOO_BIG", 1009],
      ["HAWSER_BAD_COMPRESSION", 1007],
    ]);
  });
});

describe("extension: decoding later", () => {
  const input = bytes("c1 01 00 81 01 62 c2 01 00");
  const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it("keeps the order: nothing is delivered before what is being decoded", async () => {
    const extension = new Deferred();
    const conversation = new Conversation("client", { extension }).receive(input);
    conversation.endpoint.receiveEnd();
    assert.deepEqual(conversation.events, []);
    extension.settle[0]?.resolve(Buffer.from("a"));
    await tick();
    assert.deepEqual(conversation.events, [
      ["text", "a"],
      ["text", "b"],
    ]);
    extension.settle[1]?.resolve(Buffer.from("c"));
    await tick();
    assert.deepEqual(conversation.events.slice(2), [["binary", "63"], ["end"]]);
  });

  it("fails when it rejects", async () => {
    const extension = new Deferred();
    const conversation = new Conversation("client", { extension }).receive(input);
    extension.settle[0]?.reject(new Error("corrupt"));
    await tick();
    assert.deepEqual(conversation.events, [["failed", "HAWSER_BAD_COMPRESSION"]]);
  });

  it("nothing comes of it once the connection was aborted or has failed", async () => {
    for (const end of ["abort", "fail"] as const) {
      const extension = new Deferred();
      const conversation = new Conversation("client", { extension }).receive(input);
      if (end === "abort") conversation.endpoint.abort();
      else conversation.endpoint.fail(violation("HAWSER_CLOSE_CODE"));
      const before = conversation.events.length;
      extension.settle[0]?.resolve(Buffer.from("late"));
      await tick();
      assert.equal(conversation.events.length, before);
    }
  });

  it("may be held in the event, and goes on after release", async () => {
    const extension = new Deferred();
    const conversation = new Conversation("client", { extension }).receive(input);
    conversation.owner.onEvent = () => {
      conversation.endpoint.hold();
      conversation.endpoint.release();
    };
    extension.settle[0]?.resolve(Buffer.from("a"));
    await tick();
    assert.deepEqual(conversation.events, [
      ["text", "a"],
      ["text", "b"],
    ]);
  });
});

describe("extension: sending", () => {
  it("RFC 7692 §6 sets RSV1 on what it encoded, and leaves the rest", () => {
    const conversation = new Conversation("server", { extension: flipping });
    conversation.endpoint.send("Hello");
    conversation.endpoint.send("hi");
    conversation.endpoint.send(bytes("00010203"));
    conversation.endpoint.send("Hello", { compress: false });
    conversation.endpoint.send("Hel", { fin: false });
    conversation.endpoint.send("lo");
    assert.equal(
      conversation.output(),
      `c105${flipped} 81026869 c204fffefdfc 810548656c6c6f 010348656c 80026c6f`.replaceAll(" ", ""),
    );
  });
});
