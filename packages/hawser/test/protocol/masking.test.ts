import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { applyMask, applyMaskToShort } from "../../dist/protocol/masking.js";
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

  it("tells ASCII from other bytes while it unmasks a short text", () => {
    const ascii = bytes(reference(Buffer.from("plain"), 0));
    assert.ok(applyMaskToShort(ascii, 0, 5, key) < 0x80);
    assert.equal(ascii.toString(), "plain");
    const other = bytes(reference(Buffer.from("é"), 0));
    assert.ok(applyMaskToShort(other, 0, 2, key) >= 0x80);
    assert.equal(other.toString(), "é");
  });
});
