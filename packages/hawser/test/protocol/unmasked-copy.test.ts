import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nodePlatform } from "../../dist/node/index.js";
import { unmaskedCopy } from "../../dist/protocol/unmasked-copy.js";
import { hex } from "./conversation.js";

const key = 0x37fa213d;

/** RFC 6455 §5.3: octet i XOR octet i mod 4 of the key. */
function unmasked(bytes: Uint8Array, maskingKey: number): Uint8Array {
  return bytes.map((byte, i) => byte ^ ((maskingKey >>> (24 - 8 * (i % 4))) & 0xff));
}

describe("unmasked copy", () => {
  for (const size of [0, 1, 2, 3, 4, 5, 63, 64, 1023, 1024, 1025, 20_000]) {
    it(`§5.3 of ${size} bytes is what was meant, at every alignment, with and without a key`, () => {
      for (let offset = 0; offset < 4; offset++) {
        for (const maskingKey of [key, 0]) {
          const input = new Uint8Array(size + 8).map((_, i) => (i * 7) & 0xff);
          const expected = unmasked(input.slice(offset, offset + size), maskingKey);
          const copy = unmaskedCopy(nodePlatform, input, offset, offset + size, maskingKey);
          assert.equal(hex(copy), hex(expected));
          assert.ok(Buffer.isBuffer(copy));
        }
      }
    });
  }

  it("does not change with what it was read from, nor with another copy", () => {
    const input = new Uint8Array(64).fill(1);
    const first = unmaskedCopy(nodePlatform, input, 0, 33, 0);
    const second = unmaskedCopy(nodePlatform, input, 0, 33, 0);
    input.fill(2);
    second.fill(3);
    assert.equal(hex(first), "01".repeat(33));
  });

  it("never leaves the slab: many copies in a row are all right", () => {
    const copies = Array.from({ length: 1_000 }, (_, i) =>
      unmaskedCopy(nodePlatform, new Uint8Array(50).fill(i), 0, 50, 0),
    );
    for (const [i, copy] of copies.entries()) {
      assert.equal(hex(copy), hex(new Uint8Array(50).fill(i)));
    }
  });

  it("keeps at most 8 KiB alive", () => {
    const copy = unmaskedCopy(nodePlatform, new Uint8Array(4), 0, 4, 0);
    assert.ok(copy.buffer.byteLength <= 8 * 1024);
  });

  it("takes its memory from the platform that asks", () => {
    const given: Uint8Array[] = [];
    const own = {
      ...nodePlatform,
      allocate: (size: number) => {
        given.push(new Uint8Array(size));
        return given.at(-1) as Uint8Array;
      },
    };
    unmaskedCopy(nodePlatform, new Uint8Array(4), 0, 4, 0);
    assert.equal(unmaskedCopy(own, new Uint8Array(4), 0, 4, 0).buffer, given[0]?.buffer);
  });
});
