// Frames that the tester writes, as octets.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  closePayload,
  type FrameSpec,
  opcodes,
  serializeFrame,
} from "../../../dist/conform/wire/frame.js";

const key = 0x37fa213d;

function hexOf(spec: FrameSpec, masks = false): string {
  return serializeFrame(spec, { masks, nextKey: () => key }).toString("hex");
}

describe("serializeFrame", () => {
  const hello = Buffer.from("Hello");
  const rows: [title: string, spec: FrameSpec, hex: string][] = [
    ["§5.7 an unmasked text", { opcode: opcodes.text, payload: hello }, "810548656c6c6f"],
    [
      "§5.7 a masked text",
      { opcode: opcodes.text, payload: hello, masked: true },
      "818537fa213d7f9f4d5158",
    ],
    ["§5.7 a first fragment", { opcode: 1, fin: false, payload: hello }, "010548656c6c6f"],
    ["an empty ping", { opcode: opcodes.ping }, "8900"],
    ["reserved bits", { opcode: opcodes.text, rsv: 5 }, "d100"],
    ["a reserved opcode", { opcode: 0xf }, "8f00"],
    ["a length in 16 bits that 7 would hold", { opcode: 2, lengthForm: 16 }, "827e0000"],
    ["one in 64 bits", { opcode: 2, lengthForm: 64 }, "827f0000000000000000"],
    [
      "a length with the top bit, and no payload",
      { opcode: 2, announcedLength: 2n ** 63n },
      "827f8000000000000000",
    ],
    ["a Close frame", { opcode: 8, payload: closePayload(1000, "bye") }, "880503e8627965"],
  ];
  for (const [title, spec, hex] of rows) {
    it(title, () => assert.equal(hexOf(spec), hex));
  }

  it("§5.2 writes lengths in the shortest of three forms", () => {
    const start = (length: number): string =>
      hexOf({ opcode: 2, payload: Buffer.alloc(length) }).slice(0, 20);
    assert.equal(start(125).slice(0, 4), "827d");
    assert.equal(start(126).slice(0, 8), "827e007e");
    assert.equal(start(65_535).slice(0, 8), "827effff");
    assert.equal(start(65_536), "827f0000000000010000");
  });

  it("§5.1 masks as the role demands, unless the frame says otherwise", () => {
    assert.equal(hexOf({ opcode: 9 }, true), "898037fa213d");
    assert.equal(hexOf({ opcode: 9, masked: false }, true), "8900");
  });
});
