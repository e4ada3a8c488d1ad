// Frames that break a rule, against both roles: the connection fails with the close code of the rule,
// the `error` handler is told which it was, and the verdict is the same one byte a write.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, afterEach, before, describe, it } from "node:test";
import { frame, type FrameOptions, hex, opcodes } from "../support/frame.ts";
import { Victim, victimKinds } from "../support/victim.ts";

interface Row {
  readonly title: string;
  readonly closeCode: number;
  readonly code: string;
  /** The frames, for a client that masks them or a server that does not. */
  bytes(masked: boolean): Buffer;
}

const { continuation, text, binary, close, ping, pong } = opcodes;

function row(
  title: string,
  [closeCode, code]: readonly [number, string],
  ...frames: readonly (readonly [
    opcode: number,
    payload?: string | Buffer,
    options?: FrameOptions,
  ])[]
): Row {
  return {
    title,
    closeCode,
    code,
    bytes: (masked) =>
      Buffer.concat(
        frames.map(([opcode, payload, options]) => frame(opcode, payload, { masked, ...options })),
      ),
  };
}

const rsv = [1002, "HAWSER_UNEXPECTED_RSV"] as const;
const reserved = [1002, "HAWSER_RESERVED_OPCODE"] as const;
const notMinimal = [1002, "HAWSER_LENGTH_NOT_MINIMAL"] as const;
const topBit = [1002, "HAWSER_LENGTH_TOP_BIT"] as const;
const tooLong = [1002, "HAWSER_CONTROL_TOO_LONG"] as const;
const fragmented = [1002, "HAWSER_CONTROL_FRAGMENTED"] as const;
const stray = [1002, "HAWSER_UNEXPECTED_CONTINUATION"] as const;
const inside = [1002, "HAWSER_EXPECTED_CONTINUATION"] as const;
const tooBig = [1009, "HAWSER_MESSAGE_TOO_BIG"] as const;
const utf8 = [1007, "HAWSER_INVALID_UTF8"] as const;
const start: FrameOptions = { fin: false };

const rows: readonly Row[] = [
  ...[1, 2, 4, 7].flatMap((bits) => [
    row(`§5.2 RSV ${bits} on a text`, rsv, [text, "hello", { rsv: bits }]),
    row(`§5.2 RSV ${bits} on a binary`, rsv, [binary, "", { rsv: bits }]),
    row(`§5.2 RSV ${bits} on a ping`, rsv, [ping, "", { rsv: bits }]),
  ]),
  row("§5.2 RSV1 on a continuation", rsv, [text, "a", start], [continuation, "b", { rsv: 4 }]),
  row("§5.2 RSV1 on a Close", rsv, [close, hex("03e8"), { rsv: 4 }]),
  row("§5.2 RSV1 on a pong", rsv, [pong, "", { rsv: 4 }]),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) =>
    row(`§5.2 opcode ${opcode.toString(16).toUpperCase()}`, reserved, [opcode, "x"]),
  ),
  ...["close", "ping", "pong"].flatMap((name) => {
    const opcode = opcodes[name as "close" | "ping" | "pong"];
    const long = Buffer.alloc(126, "x");
    return [
      row(`§5.5 ${name} of 126 bytes`, tooLong, [opcode, long]),
      row(`§5.5 ${name} that declares 2^16 bytes`, tooLong, [opcode, "", { declared: 0x10000 }]),
      row(`§5.5 ${name} fragmented`, fragmented, [opcode, "", start]),
    ];
  }),
  row("§5.4 stray continuation", stray, [continuation, "x"]),
  row("§5.4 stray continuation, not final", stray, [continuation, "x", start]),
  row("§5.4 stray continuation behind a message", stray, [text, "x"], [continuation, "y"]),
  row(
    "§5.4 stray continuation behind fragments",
    stray,
    [text, "x", start],
    [continuation],
    [continuation],
  ),
  row("§5.4 new text inside a text", inside, [text, "a", start], [text, "b"]),
  row("§5.4 new binary inside a text", inside, [text, "a", start], [binary, "b"]),
  row("§5.4 new text inside an empty binary", inside, [binary, "", start], [text, "b", start]),
  row("§5.2 length with the top bit", topBit, [binary, "", { declared: 1n << 63n }]),
  row("§5.2 length of all ones", topBit, [binary, "", { declared: (1n << 64n) - 1n }]),
  row("§5.2 length 125 in 16 bits", notMinimal, [binary, Buffer.alloc(125), { lengthBits: 16 }]),
  row("§5.2 length 0 in 16 bits", notMinimal, [binary, "", { lengthBits: 16 }]),
  row("§5.2 length 126 in 64 bits", notMinimal, [binary, Buffer.alloc(126), { lengthBits: 64 }]),
  row("§5.2 length 65,535 in 64 bits", notMinimal, [
    binary,
    Buffer.alloc(4),
    { declared: 0xffff, lengthBits: 64 },
  ]),
  row("§10.4 declares 2^63 - 1", tooBig, [binary, "", { declared: (1n << 63n) - 1n }]),
  row("§10.4 declares 1 GiB", tooBig, [text, "", { declared: 1 << 30 }]),
  row("§10.4 declares one byte too many", tooBig, [binary, "", { declared: 1024 * 1024 + 1 }]),
  row(
    "§10.4 one byte too many over two fragments",
    tooBig,
    [binary, "x", start],
    [continuation, "", { declared: 1024 * 1024 }],
  ),
  ...Object.entries({
    "a lone continuation byte": "80",
    "a lone lead byte": "61c3",
    "a lead byte before ASCII": "c361",
    "an overlong slash": "c0af",
    "an overlong NUL of three bytes": "e08080",
    "a surrogate": "eda080",
    "a pair of surrogates": "eda0bdedb880",
    "beyond U+10FFFF": "f4908080",
    "byte FE": "fe",
    "byte FF behind text": "68656c6c6fff",
    "a character cut off at the end": "f09f98",
  }).map(([name, bytes]) => row(`§8.1 ${name}`, utf8, [text, hex(bytes)])),
  row("§8.1 invalid in the second fragment", utf8, [text, "ok", start], [continuation, hex("ff")]),
  row(
    "§8.1 a code point split over fragments, then broken",
    utf8,
    [text, hex("f09f"), start],
    [continuation, hex("61")],
  ),
  row(
    "§8.1 a surrogate split over fragments",
    utf8,
    [text, hex("ed"), start],
    [continuation, hex("a080")],
  ),
  row(
    "§8.1 a message that ends inside a code point split before",
    utf8,
    [text, hex("f09f"), start],
    [continuation, hex("98")],
  ),
  row("§8.1 invalid far into a long text", utf8, [
    text,
    Buffer.concat([Buffer.alloc(300, "x"), hex("c0")]),
  ]),
];

const wrongMask = {
  server: row(
    "§5.1 a frame that is not masked",
    [1002, "HAWSER_MASK_MISSING"],
    [text, "hello", { masked: false }],
  ),
  client: row(
    "§5.1 a frame that is masked",
    [1002, "HAWSER_MASK_UNEXPECTED"],
    [text, "hello", { masked: true }],
  ),
};

for (const kind of victimKinds) {
  describe(`bad frames against a ${kind}`, () => {
    let victim: Victim;
    before(async () => {
      victim = await Victim.start(kind, { maxMessageBytes: 1024 * 1024 });
    });
    afterEach(() => victim.check());
    after(() => victim.close());

    for (const { title, closeCode, code, bytes } of [
      ...rows,
      kind === "client" ? wrongMask.client : wrongMask.server,
    ]) {
      const input = bytes(kind !== "client");

      it(`${title}: ${closeCode}`, async () => {
        const peer = await victim.open();
        peer.write(input);
        await victim.hasFailed(peer, closeCode, code);
      });

      it(`${title}: ${closeCode}, one byte a write`, async () => {
        const peer = await victim.open();
        const written = peer.writeByteByByte(input);
        await victim.hasFailed(peer, closeCode, code);
        await written;
      });
    }

    it("§8.1 invalid UTF-8 fails at the first bad byte, though the frame has just begun: 1007", async () => {
      const peer = await victim.open();
      const all = frame(text, Buffer.concat([Buffer.from("good"), hex("c0"), Buffer.alloc(500)]), {
        masked: kind !== "client",
      });
      const upToBad = all.length - 500;
      await peer.writeByteByByte(all.subarray(0, upToBad - 1));
      assert.deepEqual(victim.log.names, ["open"]);
      peer.write(all.subarray(upToBad - 1, upToBad));
      await victim.hasFailed(peer, 1007, "HAWSER_INVALID_UTF8");
    });

    it("nothing behind the broken frame is read", async () => {
      const peer = await victim.open();
      const masked = kind !== "client";
      const good = frame(text, "hello", { masked });
      peer.write(
        Buffer.concat([good, frame(3, "", { masked }), good, frame(close, "", { masked })]),
      );
      await victim.hasFailed(peer, 1002, "HAWSER_RESERVED_OPCODE");
      assert.deepEqual(victim.log.names, ["open", "message", "error", "close"]);
    });

    it("§5.5.3 unasked pongs are ignored", async () => {
      const peer = await victim.open();
      const masked = kind !== "client";
      for (let i = 0; i < 1_000; i++) peer.write(frame(pong, `pong ${i}`, { masked }));
      peer.write(frame(text, "still here", { masked }));
      assert.equal(await peer.readText(), "still here");
      assert.deepEqual(victim.log.names, ["open", "message"]);
    });
  });
}
