import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Simd } from "../../dist/protocol/index.js";
import { applyMask, applyMaskToText } from "../../dist/protocol/masking.js";
import { isLittleEndian } from "../../dist/protocol/word-view.js";
import { bytes, hex } from "./conversation.js";

const key = 0x37fa213d;

/** RFC 6455 §5.3, word by word: octet i XOR key octet i mod 4. */
function reference(payload: Uint8Array, phase: number): string {
  return hex(payload.map((byte, i) => byte ^ ((key >>> (24 - 8 * ((i + phase) % 4))) & 0xff)));
}

describe("masking", () => {
  it('§5.7 unmasks the "Hello" of the RFC\'s example', () => {
    const payload = bytes("7f 9f 4d 51 58");
    applyMask(payload, 0, 5, key, 0);
    assert.equal(payload.toString(), "Hello");
  });

  it("§5.3 does the same at every length, alignment and phase", () => {
    const lengths = [
      0, 1, 2, 3, 4, 5, 31, 95, 96, 97, 98, 99, 100, 127, 128, 129, 130, 131, 200, 1000,
    ];
    for (const length of lengths) {
      for (let offset = 0; offset < 4; offset++) {
        for (let phase = 0; phase < 5; phase++) {
          const memory = new Uint8Array(length + 16).map((_, i) => (i * 7) & 0xff);
          const payload = memory.slice(offset, offset + length);
          const before = memory.slice();
          applyMask(memory, offset, offset + length, key, phase);
          assert.equal(hex(memory.subarray(offset, offset + length)), reference(payload, phase));
          assert.equal(hex(memory.subarray(0, offset)), hex(before.subarray(0, offset)));
          assert.equal(
            hex(memory.subarray(offset + length)),
            hex(before.subarray(offset + length)),
          );
        }
      }
    }
  });

  it("masks within a view that does not begin at its buffer's start", () => {
    const memory = new Uint8Array(300);
    const view = memory.subarray(3, 280);
    applyMask(view, 1, 270, key, 0);
    assert.equal(hex(memory.subarray(4, 273)), reference(new Uint8Array(269), 0));
  });

  it("tells ASCII from other bytes while it unmasks a short text, at every length", () => {
    for (let length = 0; length <= 20; length++) {
      const text = "The quick brown fox jumps".slice(0, length);
      const memory = Buffer.concat([Buffer.alloc(3), bytes(reference(Buffer.from(text), 0))]);
      assert.equal(applyMaskToText(memory, 3, memory.length, key), true);
      assert.equal(memory.toString("latin1", 3), text);
      for (let i = 0; i < length; i++) {
        const payload = Buffer.from(text);
        payload[i] = 0x80;
        const other = bytes(reference(payload, 0));
        assert.equal(applyMaskToText(other, 0, length, key), false);
        assert.equal(hex(other), hex(payload));
      }
    }
  });

  it("§5.3 gives vector instructions what lies in their memory, and does the rest itself", () => {
    for (const length of [0, 1, 63, 64, 65, 127, 128, 200]) {
      for (let phase = 0; phase < 5; phase++) {
        const memory = new Uint8Array(300).map((_, i) => i);
        const runs: [number, number][] = [];
        const simd: Simd = {
          memory,
          xor(start, end, word) {
            runs.push([start, end]);
            const view = new DataView(memory.buffer);
            for (let at = start; at < end; at += 4) {
              view.setInt32(at, view.getInt32(at, isLittleEndian) ^ word, isLittleEndian);
            }
          },
        };
        const expected = reference(memory.slice(5, 5 + length), phase);
        applyMask(memory, 5, 5 + length, key, phase, simd);
        assert.equal(hex(memory.subarray(5, 5 + length)), expected);
        assert.equal(
          hex(memory.subarray(5 + length, 8 + length)),
          hex(memory.map((_, i) => i).subarray(5 + length, 8 + length)),
        );
        assert.deepEqual(runs, length < 64 ? [] : [[5, 5 + (length & ~63)]]);
      }
    }
  });

  it("§5.3 does without vector instructions where the bytes are elsewhere", () => {
    const simd: Simd = { memory: new Uint8Array(256), xor: () => assert.fail("not their memory") };
    for (const given of [simd, undefined]) {
      const payload = new Uint8Array(256);
      applyMask(payload, 0, 256, key, 0, given);
      assert.equal(hex(payload), reference(new Uint8Array(256), 0));
    }
  });
});
