// The examples of RFC 7692 §7.2.3, and everything else that makes payloads of messages, with real zlib.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { type Extension, LimitError } from "../../../dist/protocol/index.js";
import { DeflateAgreement } from "../../../dist/protocol/deflate/agreement.js";
import { violation } from "../../../dist/protocol/fault.js";
import { deferred, turn } from "../../support/deferred.js";
import { bytes, checkBothRoles, closeFrame, Conversation, hex, unmasked } from "../conversation.js";
import { LateEngine, ZlibEngine } from "./zlib-engine.js";

interface How {
  readonly engine?: ZlibEngine;
  readonly takeover?: boolean;
  readonly windowBits?: number;
  readonly minBytes?: number;
  readonly sendsLonger?: boolean;
}

function open({ engine = new ZlibEngine(), takeover = false, ...how }: How = {}): Extension {
  const { windowBits = 15, minBytes = 0, sendsLonger = false } = how;
  const direction = { windowBits, takeover };
  return new DeflateAgreement(
    { name: "permessage-deflate", parameters: [] },
    { engine, budget: undefined, minBytes, sendsLonger },
    direction,
    direction,
  ).open();
}

/** Bytes in which nothing comes again: a linear congruential generator's. */
const noise = Buffer.alloc(300);
for (let i = 0, x = 1; i < noise.length; i++) {
  x = (Math.imul(x, 1_103_515_245) + 12_345) & 0x7fffffff;
  noise[i] = x >> 16;
}

describe("permessage-deflate: receiving", () => {
  const rows: [title: string, payload: string][] = [
    ["§7.2.3.1 one block", "f248cdc9c90700"],
    ["§7.2.3.3 a block with no compression", "000500faff48656c6c6f00"],
    ["§7.2.3.4 a block with BFINAL set", "f348cdc9c9070000"],
    ["§7.2.3.5 two blocks", "f248050000 00ffffcac9c90700"],
  ];
  for (const [title, spaced] of rows) {
    const payload = spaced.replaceAll(" ", "");
    const length = (payload.length / 2).toString(16).padStart(2, "0");
    it(`${title}, in one frame`, () => {
      checkBothRoles({
        frames: `c1 ${length} ${payload} 81 01 61`,
        events: [
          ["text", "Hello"],
          ["text", "a"],
        ],
        options: { extension: open() },
      });
    });

    it(`${title}, in fragments with a ping between`, () => {
      const rest = (payload.length / 2 - 3).toString(16).padStart(2, "0");
      checkBothRoles({
        frames: `41 03 ${payload.slice(0, 6)} 89 00 80 ${rest} ${payload.slice(6)}`,
        events: [
          ["ping", ""],
          ["text", "Hello"],
        ],
        output: "8a00",
        options: { extension: open() },
      });
    });
  }

  it("§7.2.3.2 the window of the last message, where it is kept", () => {
    for (const role of ["server", "client"] as const) {
      const conversation = new Conversation(role, { extension: open({ takeover: true }) });
      const frames = bytes("c1 07 f248cdc9c90700 c1 05 f200110000");
      if (role === "client") conversation.receive(frames);
      else {
        const client = new Conversation("client", { extension: open({ takeover: true }) });
        client.endpoint.send("Hello");
        client.endpoint.send("Hello");
        conversation.receive(bytes(client.output()));
      }
      assert.deepEqual(conversation.events, [
        ["text", "Hello"],
        ["text", "Hello"],
      ]);
    }
  });

  it("§7.2.3.2 is an error where it is not kept", () => {
    const conversation = new Conversation("client", { extension: open() });
    conversation.receive(bytes("c1 07 f248cdc9c90700 c1 05 f200110000"));
    assert.deepEqual(conversation.events, [
      ["text", "Hello"],
      ["failed", "HAWSER_BAD_COMPRESSION"],
    ]);
  });

  it("§7.2.3.6 an empty message", () => {
    checkBothRoles({
      frames: "c1 01 00 c2 01 00",
      events: [
        ["text", ""],
        ["binary", ""],
      ],
      options: { extension: open() },
    });
  });

  for (const [title, frames] of [
    ["corrupt data", "c1 03 ffffff"],
    ["no data", "c1 00"],
    ["a reserved block type", "c2 01 07"],
  ] as const) {
    it(`§7.2.2 fails on ${title} with 1007`, () => {
      checkBothRoles({
        frames,
        events: [["failed", "HAWSER_BAD_COMPRESSION"]],
        output: closeFrame(1007, violation("HAWSER_BAD_COMPRESSION").message),
        options: { extension: open() },
      });
    });
  }

  it("§8.1 text that is not UTF-8 once it is inflated", () => {
    const blocks = new ZlibEngine()
      .deflater({ windowBits: 15, takeover: false })
      .deflate(bytes("c3 28")) as Uint8Array;
    checkBothRoles({
      frames: `c1 ${(blocks.length - 4).toString(16).padStart(2, "0")} ${hex(blocks.subarray(0, -4))}`,
      events: [["failed", "HAWSER_INVALID_UTF8"]],
      output: closeFrame(1007, violation("HAWSER_INVALID_UTF8").message),
      options: { extension: open() },
    });
  });

  it("RFC 6455 §10.4 the limit is on the inflated message: 1009", async () => {
    for (const engine of [new ZlibEngine(), new LateEngine()]) {
      const sender = new Conversation("server", { extension: open({ engine }) });
      sender.endpoint.send("a".repeat(100_000));
      await turn();
      const frames = bytes(sender.output());
      assert.ok(frames.length < 200);
      const within = new Conversation("client", {
        extension: open({ engine }),
        maxMessageBytes: 100_000,
      });
      const beyond = new Conversation("client", {
        extension: open({ engine }),
        maxMessageBytes: 99_999,
      });
      within.receive(frames);
      beyond.receive(frames);
      await turn();
      assert.deepEqual(within.events, [["text", "a".repeat(100_000)]]);
      assert.deepEqual(beyond.events, [["failed", "HAWSER_MESSAGE_TOO_BIG"]]);
      const [error] = beyond.owner.errors;
      assert.ok(error instanceof LimitError);
      assert.deepEqual([error.closeCode, error.limit, error.actual], [1009, 99_999, 100_000]);
    }
  });
});

describe("permessage-deflate: sending", () => {
  it("§7.2.1 removes the tail, and sets RSV1", () => {
    const conversation = new Conversation("server", { extension: open({ takeover: true }) });
    conversation.endpoint.send("Hello");
    conversation.endpoint.send("Hello");
    assert.equal(conversation.output(), "c107f248cdc9c90700c105f200110000");
  });

  it("§6.1 without a window a message that does not get smaller goes as it is", () => {
    const conversation = new Conversation("server", { extension: open() });
    conversation.endpoint.send("Hello");
    conversation.endpoint.send(noise);
    conversation.endpoint.send("Hello Hello Hello Hello");
    const plain = `810548656c6c6f827e012c${hex(noise)}`;
    const written = conversation.output();
    assert.ok(written.startsWith(`${plain}c1`));
    assert.ok(written.length < plain.length + 2 * 20);
  });

  it("§7.2.1 with a window it goes compressed: the peer's window has to follow", () => {
    const [ours, theirs] = [open({ takeover: true }), open({ takeover: true })];
    const conversation = new Conversation("server", { extension: ours });
    const peer = new Conversation("client", { extension: theirs });
    conversation.endpoint.send(noise);
    conversation.endpoint.send(noise);
    const frames = bytes(conversation.output());
    assert.equal(frames[0], 0xc2);
    assert.ok(frames.length < noise.length + 40);
    assert.deepEqual(peer.receive(frames).events, [
      ["binary", hex(noise)],
      ["binary", hex(noise)],
    ]);
  });

  it("§6.1 below the threshold, or where it is told not to, a message goes as it is", () => {
    const conversation = new Conversation("server", { extension: open({ minBytes: 20 }) });
    conversation.endpoint.send("a".repeat(19));
    conversation.endpoint.send("a".repeat(20), { compress: false });
    conversation.endpoint.send("a".repeat(20));
    const plain = `8113${"61".repeat(19)}8114${"61".repeat(20)}`;
    const written = conversation.output();
    assert.ok(written.startsWith(`${plain}c1`));
    assert.ok(written.length < plain.length + 2 * 10);
  });

  it("an empty message goes as it is: compressed it would take a byte", () => {
    const engine = new ZlibEngine();
    const conversation = new Conversation("server", {
      extension: open({ engine, takeover: true }),
    });
    conversation.endpoint.send("");
    assert.equal(conversation.output(), "8100");
    assert.equal(engine.deflaters.length, 0);
  });

  it("§7.2.3.6 both go compressed all the same, when that is wanted", () => {
    const conversation = new Conversation("server", { extension: open({ sendsLonger: true }) });
    conversation.endpoint.send("");
    assert.equal(conversation.output(), "c10100");
    conversation.endpoint.send("Hello");
    assert.equal(conversation.output(), "c107f248cdc9c90700");
  });

  it("§7.2.1 the last fragment has no tail, and §6.1 only the first has RSV1", () => {
    const conversation = new Conversation("server", { extension: open({ takeover: true }) });
    conversation.endpoint.send("Hello", { fin: false });
    conversation.endpoint.ping();
    conversation.endpoint.send("Hello");
    conversation.endpoint.send("Hello");
    assert.equal(
      conversation.output(),
      "410bf248cdc9c907000000ffff 8900 8005f200110000 c10402130000".replaceAll(" ", ""),
    );
  });

  it("§7.2.3.6 fragments may be empty", () => {
    const conversation = new Conversation("server", { extension: open() });
    conversation.endpoint.send("", { fin: false });
    conversation.endpoint.send("Hello", { fin: false });
    conversation.endpoint.send("", { fin: false });
    conversation.endpoint.send("");
    assert.equal(
      conversation.output(),
      "4100 000bf248cdc9c907000000ffff 0000 800100".replaceAll(" ", ""),
    );
  });

  it("§6.1 what the first fragment is, plain or compressed, the message is", () => {
    const conversation = new Conversation("server", { extension: open({ minBytes: 3 }) });
    conversation.endpoint.send("aa", { fin: false });
    conversation.endpoint.send("aaaa");
    assert.equal(conversation.output(), "01026161800461616161");
    conversation.endpoint.send("aaaa", { fin: false, compress: false });
    conversation.endpoint.send("aaaa");
    assert.equal(conversation.output(), "010461616161800461616161");
    conversation.endpoint.send("aaaa", { fin: false });
    conversation.endpoint.send("a", { compress: false });
    assert.match(conversation.output(), /^41..(..)*0000ffff8003(....)00$/);
  });

  it("a message that is sent as it is made goes plain: who decodes it would need it whole", () => {
    const conversation = new Conversation("server", { extension: open() });
    conversation.endpoint.send("Hello", { fin: false, ofStream: true });
    conversation.endpoint.send("Hello", { ofStream: true });
    assert.equal(conversation.output(), "010548656c6c6f800548656c6c6f");
  });

  it("§7.1.2 within 8 window bits nothing is compressed, and everything understood", () => {
    const engine = new ZlibEngine();
    const conversation = new Conversation("client", { extension: open({ engine, windowBits: 8 }) });
    conversation.endpoint.send("a".repeat(1000));
    assert.equal(unmasked(conversation.output()).slice(0, 8), "817e03e8");
    assert.equal(engine.deflaters.length, 0);
    conversation.receive(bytes("c1 07 f248cdc9c90700"));
    assert.deepEqual(conversation.events, [["text", "Hello"]]);
  });

  it("keeps the order when it answers later", async () => {
    const extension = open({ engine: new LateEngine(), takeover: true });
    const conversation = new Conversation("server", { extension });
    conversation.endpoint.send("Hello");
    conversation.endpoint.send("Hello");
    conversation.endpoint.close(1000);
    assert.equal(conversation.output(), "");
    await turn();
    assert.equal(conversation.output(), "c107f248cdc9c90700c105f200110000880203e8");
  });
});

describe("permessage-deflate: a connection", () => {
  it("has a name, and makes what it needs when it needs it, and closes that once", () => {
    const engine = new ZlibEngine();
    const extension = open({ engine });
    assert.equal(extension.name, "permessage-deflate");
    assert.equal(extension.sharedEncoding, "permessage-deflate; server_max_window_bits=15");
    assert.deepEqual([engine.deflaters.length, engine.inflaters.length], [0, 0]);
    void extension.encode(Buffer.from("Hello"));
    void extension.encode(Buffer.from("Hello"));
    void extension.decode(bytes("00"), 10);
    void extension.decode(bytes("00"), 10);
    assert.deepEqual([engine.deflaters.length, engine.inflaters.length], [1, 1]);
    extension.close();
    extension.close();
    assert.deepEqual([engine.deflaters[0]?.closed, engine.inflaters[0]?.closed], [1, 1]);
    open({ engine }).close();
  });

  it("a close while inflating or deflating leaves no late event", async () => {
    const engine = new ZlibEngine();
    const settled = deferred<Uint8Array>();
    let closed = 0;
    engine.inflater = () => ({ inflate: () => settled.promise, close: () => void closed++ });
    engine.deflater = () => ({ deflate: () => settled.promise, close: () => void closed++ });
    const conversation = new Conversation("client", { extension: open({ engine }) });
    conversation.receive(bytes("c1 01 00"));
    conversation.endpoint.send("Hello");
    conversation.endpoint.abort();
    assert.equal(closed, 2);
    settled.resolve(bytes("000000ffff"));
    await turn();
    assert.deepEqual(conversation.events, [["end"]]);
    assert.equal(conversation.output(), "");
  });

  for (const takeover of [false, true]) {
    it(`what one sends the other gets, ${takeover ? "with" : "without"} takeover`, async () => {
      const message = fc.oneof(
        fc.string({ unit: "binary", maxLength: 200 }),
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom("tick ".repeat(50), "tock ".repeat(60)),
      );
      await fc.assert(
        fc.asyncProperty(
          fc.array(message, { maxLength: 8 }),
          fc.constantFrom("client", "server"),
          fc.boolean(),
          async (messages, role, isLate) => {
            const [sender, receiver] = ends(role, isLate, takeover);
            for (const one of messages) sender.endpoint.send(one);
            await turn();
            for (const byte of bytes(sender.output())) receiver.receive(Uint8Array.of(byte));
            await turn();
            assert.deepEqual(
              receiver.events,
              messages.map((one) =>
                typeof one === "string"
                  ? ["text", Buffer.from(one).toString()]
                  : ["binary", hex(one)],
              ),
            );
          },
        ),
        { numRuns: 60 },
      );
    });

    it(`§5.4 in fragments, too, ${takeover ? "with" : "without"} takeover`, async () => {
      const parts = fc.array(fc.string({ unit: "binary", maxLength: 50 }), { minLength: 1 });
      await fc.assert(
        fc.asyncProperty(
          fc.array(parts, { maxLength: 4 }),
          fc.constantFrom("client", "server"),
          fc.boolean(),
          async (messages, role, isLate) => {
            const [sender, receiver] = ends(role, isLate, takeover);
            for (const message of messages) {
              for (const [i, part] of message.entries()) {
                sender.endpoint.send(part, { fin: i === message.length - 1 });
              }
            }
            await turn();
            receiver.receive(bytes(sender.output()));
            await turn();
            assert.deepEqual(
              receiver.events,
              // A part by itself is well-formed text: what is half of a pair is replaced.
              messages.map((message) => ["text", message.map(wellFormed).join("")]),
            );
          },
        ),
        { numRuns: 60 },
      );
    });
  }
});

/** Who sends, and who receives from it. */
function ends(
  role: "client" | "server",
  isLate: boolean,
  takeover: boolean,
): [sender: Conversation, receiver: Conversation] {
  const how = { engine: isLate ? new LateEngine() : new ZlibEngine(), takeover };
  const other = role === "client" ? "server" : "client";
  return [
    new Conversation(role, { extension: open(how) }),
    new Conversation(other, { extension: open(how) }),
  ];
}

function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}
