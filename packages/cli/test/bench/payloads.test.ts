// What a message says of itself, and what is noticed when it was changed.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { minMessageBytes, Payloads } from "../../dist/bench/payloads.js";

for (const isText of [false, true]) {
  const sizes = [64, 300];
  const payloads = new Payloads({ sizes, isText, isReused: false, seed: 7 });

  describe(`a ${isText ? "text" : "binary"} message`, () => {
    it("says which one it is, and is as long as it should be", () => {
      for (let sequence = 0; sequence < 40; sequence++) {
        const message = payloads.write(3, sequence, 1234);
        assert.equal(message.length, sizes[sequence % 2]);
        assert.equal(payloads.read(message), "intact");
        const { connection, timeMicros } = payloads;
        assert.deepEqual([connection, payloads.sequence, timeMicros], [3, sequence, 1234]);
      }
    });

    it("is as short as its header", () => {
      const least = minMessageBytes(isText);
      const short = new Payloads({ sizes: [least], isText, isReused: true, seed: 7 });
      assert.equal(short.write(0, 0, 0).length, least);
      assert.equal(short.read(short.write(0, 0, 0)), "intact");
    });

    for (const size of [0, 1]) {
      it(`of ${sizes[size]} bytes is never intact with one byte changed`, () => {
        const bytes = Buffer.from(payloads.write(3, size, 1234));
        for (const [index, byte] of bytes.entries()) {
          bytes[index] = byte ^ 1;
          const verdict = payloads.read(isText ? bytes.toString("latin1") : bytes);
          assert.equal(verdict, index < minMessageBytes(isText) ? "unreadable" : "altered");
          bytes[index] = byte;
        }
      });
    }

    it("is altered with the contents of another, when cut, and as the other kind", () => {
      const one = payloads.write(3, 0, 1);
      const other = payloads.write(3, 2, 1);
      const header = minMessageBytes(isText);
      const mixed = Buffer.concat([
        Buffer.from(one).subarray(0, header),
        Buffer.from(other).subarray(header),
      ]);
      assert.equal(payloads.read(isText ? mixed.toString() : mixed), "altered");
      assert.equal(payloads.read(one.slice(0, -1)), "altered");
      const asOther = isText ? Buffer.from(one) : one.toString("latin1");
      assert.equal(payloads.read(asOther), isText ? "altered" : "unreadable");
    });

    it("of another run, or of somebody else, is none of ours", () => {
      const others = new Payloads({ sizes: [64], isText, isReused: false, seed: 8 });
      assert.equal(payloads.read(others.write(3, 0, 1)), "unreadable");
      assert.equal(payloads.read(isText ? "welcome" : Buffer.from("welcome")), "unknown");
    });

    it("knows its age over the turn of the clock", () => {
      const late = 2 ** 32 - 5;
      payloads.read(payloads.write(0, 0, late));
      assert.equal(payloads.ageMicros(2 ** 32 + 10), 15);
    });
  });
}

describe("memory of messages", () => {
  it("is used again only when that is allowed", () => {
    const options = { sizes: [64], isText: false, seed: 7 };
    const reused = new Payloads({ ...options, isReused: true });
    assert.equal(reused.write(0, 0, 0), reused.write(0, 8, 0));
    const fresh = new Payloads({ ...options, isReused: false });
    assert.notEqual(fresh.write(0, 0, 0), fresh.write(0, 8, 0));
  });
});
