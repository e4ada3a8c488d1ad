import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { frameHeaderBytes, writeFrameHeader } from "../../dist/protocol/frame-header.js";
import { bytes, hex } from "./conversation.js";

const rows: [payloadBytes: number, header: string][] = [
  [0, "81 00"],
  [125, "81 7d"],
  [126, "81 7e 007e"],
  [127, "81 7e 007f"],
  [65535, "81 7e ffff"],
  [65536, "81 7f 0000000000010000"],
  [0xffffffff, "81 7f 00000000ffffffff"],
  [0x1_2345_6789, "81 7f 0000000123456789"],
];

describe("frame header", () => {
  for (const [payloadBytes, expected] of rows) {
    it(`§5.2 writes the length ${payloadBytes} in its shortest form`, () => {
      const target = new Uint8Array(16);
      const end = writeFrameHeader(target, 1, 0x81, payloadBytes, undefined);
      assert.equal(hex(target.subarray(1, end)), hex(bytes(expected)));
      assert.equal(end - 1, frameHeaderBytes(payloadBytes, false));
    });

    it(`§5.3 puts the masking key behind the length ${payloadBytes} and sets MASK`, () => {
      const target = new Uint8Array(16);
      const end = writeFrameHeader(target, 0, 0x81, payloadBytes, 0xdeadbeef);
      const masked = bytes(`${expected} deadbeef`);
      masked[1] = (masked[1] as number) | 0x80;
      assert.equal(hex(target.subarray(0, end)), hex(masked));
      assert.equal(end, frameHeaderBytes(payloadBytes, true));
    });
  }
});
