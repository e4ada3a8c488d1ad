// The port of extensions, with one that XORs each byte: what permessage-deflate will plug into.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nodePlatform } from "../../dist/index.js";
import {
  type Extension,
  InternalError,
  LimitError,
  type OnWritten,
  type Platform,
} from "../../dist/protocol/index.js";
import { turn } from "../support/deferred.js";
import { bytes, checkBothRoles, closeFrame, Conversation, hex, unmasked } from "./conversation.js";
import { violation } from "../../dist/protocol/fault.js";

const flip = (payload: Uint8Array): Uint8Array => payload.map((byte) => byte ^ 0xff);

const flipping: Extension = {
  name: "x-flip",
  minBytes: 3,
  sharedEncoding: "x-flip",
  decode: (payload) => flip(payload),
  encode: (content) => (content.at(0) === 0x2d ? undefined : flip(content)),
  close: () => undefined,
};

/** Decodes and encodes later, when the test says so. */
class Deferred implements Extension {
  readonly name = "x-later";
  readonly minBytes = 2;
  readonly sharedEncoding = undefined;
  readonly settle: Deferral<Uint8Array>[] = [];
  readonly encoding: (Deferral<Uint8Array | undefined> & { readonly content: string })[] = [];
  closed = 0;

  decode(): Promise<Uint8Array> {
    return new Promise((resolve, reject) => this.settle.push({ resolve, reject }));
  }

  encode(content: Uint8Array): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      this.encoding.push({ content: Buffer.from(content).toString(), resolve, reject });
    });
  }

  close(): void {
    this.closed++;
  }
}

interface Deferral<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

const flipped = hex(flip(Buffer.from("Hello")));

describe("extension: receiving", () => {
  it("§5.4 where the fragments of what is decoded ended, is not known", () => {
    const conversation = new Conversation("client", { extension: flipping, notesFragments: true });
    const ends: unknown[] = [];
    conversation.owner.onEvent = () => ends.push(conversation.endpoint.fragmentEnds);
    conversation.receive(bytes("42019e 80019d 020161 800162"));
    assert.deepEqual(conversation.events, [
      ["binary", "6162"],
      ["binary", "6162"],
    ]);
    assert.deepEqual(ends, [undefined, [1, 2]]);
  });

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

  for (const frames of ["81 02 c3a9", "c1 01 9e"]) {
    it(`a text that the platform can't hold is our own fault: 1011 for ${frames}`, () => {
      const cause = new RangeError("too long");
      const platform: Platform = {
        ...nodePlatform,
        decodeUtf8: () => {
          throw cause;
        },
      };
      const conversation = new Conversation("client", { extension: flipping, platform });
      conversation.receive(bytes(frames));
      assert.deepEqual(conversation.events, [["failed", "HAWSER_DECODING_FAILED"]]);
      assert.equal(unmasked(conversation.output()), closeFrame(1011));
      const [error] = conversation.owner.errors;
      assert.ok(error instanceof InternalError);
      assert.equal(error.cause, cause);
    });
  }

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

describe("extension: receiving, for faces of other habits", () => {
  it("gives texts as bytes, and leaves UTF-8 unchecked", () => {
    const options = { extension: flipping, textsAsBytes: true };
    const frames = bytes("c1 01 9e c1 01 00");
    const strict = new Conversation("client", options).receive(frames);
    assert.deepEqual(strict.events, [
      ["text as bytes", "61"],
      ["failed", "HAWSER_INVALID_UTF8"],
    ]);
    const lax = new Conversation("client", { ...options, checksUtf8: false }).receive(frames);
    assert.deepEqual(lax.events[1], ["text as bytes", "ff"]);
  });
});

describe("extension: decoding later", () => {
  const input = bytes("c1 01 00 81 01 62 c2 01 00");
  it("keeps the order: nothing is delivered before what is being decoded", async () => {
    const extension = new Deferred();
    const conversation = new Conversation("client", { extension }).receive(input);
    conversation.endpoint.receiveEnd();
    assert.deepEqual(conversation.events, []);
    extension.settle[0]?.resolve(Buffer.from("a"));
    await turn();
    assert.deepEqual(conversation.events, [
      ["text", "a"],
      ["text", "b"],
    ]);
    extension.settle[1]?.resolve(Buffer.from("c"));
    await turn();
    assert.deepEqual(conversation.events.slice(2), [["binary", "63"], ["end"]]);
  });

  it("fails when it rejects", async () => {
    const extension = new Deferred();
    const conversation = new Conversation("client", { extension }).receive(input);
    extension.settle[0]?.reject(new Error("corrupt"));
    await turn();
    assert.deepEqual(conversation.events, [["failed", "HAWSER_BAD_COMPRESSION"]]);
    assert.deepEqual([conversation.owner.readies, extension.closed], [1, 1]);
  });

  it("tells while it decodes, and once that is over", async () => {
    const extension = new Deferred();
    const conversation = new Conversation("client", { extension });
    const { endpoint, owner } = conversation;
    conversation.receive(bytes("c1 01 00"));
    assert.deepEqual([endpoint.isDecoding, owner.readies], [true, 0]);
    conversation.receive(bytes("c1 01 00"));
    extension.settle[0]?.resolve(Buffer.from("a"));
    await turn();
    assert.deepEqual([endpoint.isDecoding, owner.readies], [true, 0], "decodes the next");
    extension.settle[1]?.resolve(Buffer.from("b"));
    await turn();
    assert.deepEqual([endpoint.isDecoding, owner.readies], [false, 1]);
    conversation.receive(bytes("c1 01 00"));
    endpoint.receiveEnd();
    extension.settle[2]?.resolve(Buffer.from("c"));
    await turn();
    assert.deepEqual(conversation.events.slice(2), [["text", "c"], ["end"]]);
    assert.deepEqual([endpoint.isDecoding, owner.readies], [false, 1], "nothing to read any more");
  });

  it("nothing comes of it once the connection was aborted or has failed", async () => {
    for (const end of ["abort", "fail"] as const) {
      for (const how of ["resolve", "reject"] as const) {
        const extension = new Deferred();
        const conversation = new Conversation("client", { extension }).receive(input);
        if (end === "abort") conversation.endpoint.abort();
        else conversation.endpoint.fail(violation("HAWSER_CLOSE_CODE"));
        const before = conversation.events.length;
        assert.equal(conversation.endpoint.isDecoding, false);
        assert.equal(extension.closed, 1);
        assert.equal(conversation.owner.readies, end === "fail" ? 1 : 0);
        if (how === "resolve") extension.settle[0]?.resolve(Buffer.from("late"));
        else extension.settle[0]?.reject(new Error("late"));
        await turn();
        assert.equal(conversation.events.length, before);
        assert.equal(conversation.owner.readies, end === "fail" ? 1 : 0);
      }
    }
  });

  it("ends at once when it fails for another reason after the transport has ended", () => {
    const extension = new Deferred();
    const conversation = new Conversation("client", { extension }).receive(input);
    conversation.endpoint.receiveEnd();
    assert.deepEqual(conversation.events, []);
    conversation.endpoint.fail(violation("HAWSER_CLOSE_CODE"));
    assert.deepEqual(conversation.events, [["failed", "HAWSER_CLOSE_CODE"], ["end"]]);
  });

  it("what came of it waits while events are held back, as all events do", async () => {
    const extension = new Deferred();
    const conversation = new Conversation("client", { extension }).receive(input);
    const { endpoint, owner } = conversation;
    endpoint.hold();
    extension.settle[0]?.resolve(Buffer.from("a"));
    await turn();
    endpoint.receiveEnd();
    assert.deepEqual(conversation.events, []);
    assert.deepEqual([endpoint.isDecoding, owner.readies], [true, 0], "nothing more is read");
    endpoint.release();
    assert.deepEqual(conversation.events, [
      ["text", "a"],
      ["text", "b"],
    ]);
    endpoint.hold();
    extension.settle[1]?.reject(new Error("corrupt"));
    await turn();
    assert.equal(conversation.events.length, 2);
    endpoint.release();
    assert.deepEqual(conversation.events.slice(2), [["failed", "HAWSER_BAD_COMPRESSION"], ["end"]]);
  });

  it("nothing comes of what waits for release once the connection was aborted", async () => {
    const extension = new Deferred();
    const conversation = new Conversation("client", { extension }).receive(input);
    conversation.endpoint.hold();
    extension.settle[0]?.resolve(Buffer.from("late"));
    await turn();
    conversation.endpoint.abort();
    conversation.endpoint.release();
    assert.deepEqual(conversation.events, [["end"]]);
  });

  it("may be held in the event, and goes on after release", async () => {
    const extension = new Deferred();
    const conversation = new Conversation("client", { extension }).receive(input);
    conversation.owner.onEvent = () => {
      conversation.endpoint.hold();
      conversation.endpoint.release();
    };
    extension.settle[0]?.resolve(Buffer.from("a"));
    await turn();
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
    conversation.endpoint.send("-no-");
    conversation.endpoint.send("Hello", { compress: false });
    conversation.endpoint.send("Hel", { fin: false });
    conversation.endpoint.send("lo");
    assert.equal(
      conversation.output(),
      `c105${flipped} 81026869 c204fffefdfc 81042d6e6f2d 810548656c6c6f 010348656c 80026c6f`.replaceAll(
        " ",
        "",
      ),
    );
  });

  it("our own fault is 1011: the message goes, the peer is told nothing more", () => {
    const cause = new Error("out of memory");
    const failing: Extension = {
      ...flipping,
      encode: () => {
        throw cause;
      },
    };
    const conversation = new Conversation("server", { extension: failing });
    conversation.endpoint.send("Hello");
    assert.equal(conversation.output(), closeFrame(1011));
    assert.deepEqual(conversation.events, [["failed", "HAWSER_ENCODING_FAILED"]]);
    assert.ok(conversation.owner.errors[0] instanceof InternalError);
    assert.equal(conversation.owner.errors[0].cause, cause);
    assert.equal(conversation.endpoint.state, "failed");
  });

  it("lets go of its memory when the connection ends", () => {
    for (const end of ["abort", "receiveEnd"] as const) {
      const extension = new Deferred();
      new Conversation("server", { extension }).endpoint[end]();
      assert.equal(extension.closed, 1);
    }
  });
});

describe("extension: encoding later", () => {
  /** An endpoint that is encoding "one". */
  function encoding(role: "client" | "server" = "server"): {
    conversation: Conversation;
    extension: Deferred;
  } {
    const extension = new Deferred();
    const conversation = new Conversation(role, { extension });
    conversation.endpoint.send("one");
    assert.equal(conversation.output(), "");
    assert.equal(conversation.endpoint.isEncoding, true);
    return { conversation, extension };
  }

  const dots = (hexAndSpaces: string): string => hexAndSpaces.replaceAll(" ", "");

  for (const role of ["server", "client"] as const) {
    it(`${role}: keeps the order of messages, and asks for one at a time`, async () => {
      const { conversation, extension } = encoding(role);
      const { endpoint, owner } = conversation;
      endpoint.send("2", { compress: false });
      endpoint.send("three");
      endpoint.send(bytes("0405"));
      endpoint.send("6");
      assert.deepEqual(
        extension.encoding.map(({ content }) => content),
        ["one"],
      );
      assert.equal(endpoint.encodingBytes, 3 + 1 + 5 + 2 + 1);
      assert.equal(endpoint.bufferedBytes, 12);
      extension.encoding[0]?.resolve(bytes("aa"));
      await turn();
      assert.equal(owner.outputs, 1);
      const plain = (): string => {
        const written = conversation.output();
        return role === "client" ? unmasked(written) : written;
      };
      assert.equal(plain(), dots("c101aa 810132"));
      assert.equal(endpoint.encodingBytes, 8);
      assert.equal(extension.encoding[1]?.content, "three");
      extension.encoding[1]?.resolve(undefined);
      await turn();
      assert.equal(plain(), dots("81057468726565"));
      extension.encoding[2]?.resolve(bytes("bb"));
      await turn();
      assert.equal(plain(), dots("c201bb 810136"));
      assert.deepEqual([endpoint.isEncoding, endpoint.encodingBytes], [false, 0]);
      assert.equal(endpoint.bufferedBytes, 0);
      endpoint.send("7");
      assert.equal(plain(), "810137", "nothing waits any more");
    });
  }

  it("binary messages of at most 4 KiB that wait are the caller's again at once", async () => {
    const { conversation, extension } = encoding();
    const mine = bytes("01");
    conversation.endpoint.send(mine);
    mine[0] = 2;
    extension.encoding[0]?.resolve(undefined);
    await turn();
    assert.equal(conversation.output(), dots("81036f6e65 820101"));
    const large = encoding();
    large.conversation.endpoint.send(Buffer.alloc(5000, 1), { compress: false });
    large.extension.encoding[0]?.resolve(undefined);
    await turn();
    assert.equal(Buffer.from(large.conversation.output(), "hex").length, 5 + 4 + 5000);
  });

  it("asks in their turn for messages that wait, at once or later", async () => {
    const asked: string[] = [];
    let later: (payload: Uint8Array) => void = () => undefined;
    const extension: Extension = {
      ...flipping,
      encode: (content) => {
        asked.push(Buffer.from(content).toString());
        if (asked.length > 1) return flip(content);
        return new Promise((resolve) => (later = resolve));
      },
    };
    const conversation = new Conversation("server", { extension });
    conversation.endpoint.send("first");
    conversation.endpoint.send("Hello");
    assert.deepEqual(asked, ["first"]);
    later(bytes("aa"));
    await turn();
    assert.deepEqual(asked, ["first", "Hello"]);
    assert.equal(conversation.output(), `c101aac105${flipped}`);
  });

  it("§5.5 pings and pongs don't wait", async () => {
    const { conversation, extension } = encoding("client");
    conversation.endpoint.ping("x");
    conversation.receive(bytes("8900"));
    assert.equal(unmasked(conversation.output()), dots("890178 8a00"));
    extension.encoding[0]?.resolve(undefined);
    await turn();
    assert.equal(unmasked(conversation.output()), "81036f6e65");
  });

  it("§5.4 parts of a message wait, and what was encoded elsewhere waits for its end", async () => {
    const { conversation, extension } = encoding();
    const { endpoint } = conversation;
    endpoint.send("a", { fin: false });
    endpoint.sendEncoded(bytes("810178"));
    assert.deepEqual([endpoint.encodingBytes, endpoint.bufferedBytes], [4, 7]);
    extension.encoding[0]?.resolve(undefined);
    await turn();
    assert.equal(conversation.output(), dots("81036f6e65 010161"));
    assert.deepEqual([endpoint.isEncoding, endpoint.encodingBytes], [false, 0]);
    assert.equal(endpoint.bufferedBytes, 3);
    endpoint.send("long enough", { fin: false });
    endpoint.send("b");
    assert.equal(conversation.output(), dots("000b6c6f6e6720656e6f756768 800162 810178"));
    assert.equal(endpoint.bufferedBytes, 0);
  });

  it("§7.1.2 our Close frame waits behind it, and nothing can be sent any more", async () => {
    const { conversation, extension } = encoding();
    conversation.endpoint.close(1000);
    assert.equal(conversation.endpoint.state, "close-sent");
    assert.throws(() => conversation.endpoint.send("x"), { code: "HAWSER_NOT_OPEN" });
    extension.encoding[0]?.resolve(undefined);
    await turn();
    assert.equal(conversation.output(), dots("81036f6e65 880203e8"));
    assert.equal(conversation.endpoint.isEncoding, false);
  });

  it("§5.5.1 so does our answer to the peer's", async () => {
    const { conversation, extension } = encoding("client");
    conversation.receive(bytes("880203e8"));
    assert.deepEqual(conversation.events, [["close", 1000, ""]]);
    assert.equal(conversation.output(), "");
    extension.encoding[0]?.resolve(undefined);
    await turn();
    assert.equal(unmasked(conversation.output()), dots("81036f6e65 880203e8"));
    assert.equal(extension.closed, 0);
  });

  it("§7.1.7 failing gives it up and says why at once, also when a Close frame waits", async () => {
    for (const closes of [false, true]) {
      const { conversation, extension } = encoding();
      if (closes) conversation.endpoint.close(1000);
      const error = violation("HAWSER_MASK_MISSING");
      conversation.receive(bytes("8100"));
      assert.equal(conversation.output(), closeFrame(1002, error.message));
      assert.deepEqual([conversation.endpoint.isEncoding, extension.closed], [false, 1]);
      const { outputs } = conversation.owner;
      extension.encoding[0]?.resolve(bytes("aa"));
      await turn();
      assert.equal(conversation.output(), "");
      assert.equal(conversation.owner.outputs, outputs);
    }
  });

  it("nothing comes of it once the connection has ended", async () => {
    for (const end of ["abort", "receiveEnd"] as const) {
      for (const how of ["resolve", "reject"] as const) {
        const { conversation, extension } = encoding();
        conversation.endpoint[end]();
        assert.equal(conversation.endpoint.bufferedBytes, 0);
        if (how === "resolve") extension.encoding[0]?.resolve(bytes("aa"));
        else extension.encoding[0]?.reject(new Error("closed"));
        await turn();
        assert.deepEqual(conversation.events, [["end"]]);
        assert.equal(conversation.output(), "");
        assert.equal(conversation.owner.outputs, 0);
      }
    }
  });

  for (const closer of ["the peer", "both"] as const) {
    it(`§5.5.1 ${closer} closed, and the peer's side ends: what was sent before still goes out`, async () => {
      const { conversation, extension } = encoding("client");
      if (closer === "both") conversation.endpoint.close(1000);
      conversation.receive(bytes("880203e8"));
      conversation.endpoint.receiveEnd();
      assert.deepEqual(conversation.events, [["close", 1000, ""]]);
      assert.equal(conversation.endpoint.isEncoding, true);
      extension.encoding[0]?.resolve(undefined);
      await turn();
      assert.equal(unmasked(conversation.output()), dots("81036f6e65 880203e8"));
      assert.deepEqual(conversation.events.slice(1), [["end"]]);
      assert.deepEqual([conversation.endpoint.state, extension.closed], ["closed", 1]);
    });
  }

  it("§5.5.1 the same when the encoding fails: the answer is out, then comes the end", async () => {
    const { conversation, extension } = encoding("client");
    conversation.receive(bytes("880203e8"));
    conversation.endpoint.receiveEnd();
    extension.encoding[0]?.reject(new Error("out of memory"));
    await turn();
    assert.equal(unmasked(conversation.output()), closeFrame(1011));
    assert.deepEqual(conversation.events.slice(1), [["failed", "HAWSER_ENCODING_FAILED"], ["end"]]);
  });

  it("§5.5.1 abort does not wait for it", () => {
    const { conversation } = encoding("client");
    conversation.receive(bytes("880203e8"));
    conversation.endpoint.receiveEnd();
    conversation.endpoint.abort();
    assert.deepEqual(conversation.events.slice(1), [["end"]]);
  });

  it("§5.5.1 the peer's Close frame gets its answer also when the encoding before it fails", async () => {
    const { conversation, extension } = encoding("client");
    conversation.receive(bytes("880203e8"));
    extension.encoding[0]?.reject(new Error("out of memory"));
    await turn();
    assert.equal(unmasked(conversation.output()), closeFrame(1011));
    assert.deepEqual(conversation.events, [
      ["close", 1000, ""],
      ["failed", "HAWSER_ENCODING_FAILED"],
    ]);
    const { state, outcome, isEncoding } = conversation.endpoint;
    assert.deepEqual([state, outcome.wasClean, isEncoding], ["close-exchanged", true, false]);
    assert.equal(extension.closed, 1);
  });

  it("our own fault is 1011, now or in the turn of a message that waits", async () => {
    const { conversation, extension } = encoding();
    conversation.endpoint.send("lost", { compress: false });
    extension.encoding[0]?.reject(new Error("out of memory"));
    await turn();
    assert.equal(conversation.output(), closeFrame(1011));
    assert.deepEqual(conversation.events, [["failed", "HAWSER_ENCODING_FAILED"]]);
    const second = encoding();
    second.conversation.endpoint.send("two");
    second.extension.encode = () => {
      throw new Error("out of memory");
    };
    second.extension.encoding[0]?.resolve(undefined);
    await turn();
    assert.equal(second.conversation.output(), `81036f6e65${closeFrame(1011)}`);
    assert.deepEqual(second.conversation.events, [["failed", "HAWSER_ENCODING_FAILED"]]);
  });

  it("who waits for messages to be written is told in their order, or of what was given up", async () => {
    const { conversation, extension } = encoding();
    const { endpoint } = conversation;
    const written: string[] = [];
    const named =
      (name: string): OnWritten =>
      () =>
        void written.push(name);
    const tell = (): void => {
      for (const onWritten of endpoint.output.takeWritten() ?? []) onWritten();
    };
    endpoint.send("2", { compress: false, onWritten: named("2") });
    endpoint.send("three", { onWritten: named("three") });
    endpoint.ping("", named("ping"));
    assert.equal(conversation.output(), "8900");
    tell();
    extension.encoding[0]?.resolve(undefined);
    await turn();
    assert.equal(conversation.output(), dots("81036f6e65 810132"));
    tell();
    assert.deepEqual(written.splice(0), ["ping", "2"]);
    endpoint.abort();
    assert.equal(endpoint.output.takeWritten(), undefined);
    for (const onWritten of endpoint.output.takeUnwritten()) onWritten();
    assert.deepEqual(written, ["three"]);
  });

  it("and so when a message is encoded at once, or can't be", () => {
    const failing: Extension = { ...flipping, encode: flip };
    const { endpoint } = new Conversation("server", { extension: failing });
    endpoint.send("Hello", { onWritten: () => undefined });
    endpoint.output.take();
    assert.equal(endpoint.output.takeWritten()?.length, 1);
    failing.encode = () => {
      throw new Error("out of memory");
    };
    endpoint.send("Hello", { onWritten: () => undefined });
    endpoint.output.take();
    assert.equal(endpoint.output.takeWritten(), undefined);
    assert.equal(endpoint.output.takeUnwritten().length, 1);
  });

  it("the first that is encoded later is waited for, too", async () => {
    const extension = new Deferred();
    const { endpoint } = new Conversation("server", { extension });
    endpoint.send("one", { onWritten: () => undefined });
    extension.encoding[0]?.resolve(bytes("aa"));
    await turn();
    endpoint.output.take();
    assert.equal(endpoint.output.takeWritten()?.length, 1);
  });
});
