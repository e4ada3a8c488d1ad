// DER as X.690 has it, by examples whose bytes are known.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bitString, der, objectIdentifier, sequence, utcTime } from "../../dist/serve/der.js";

describe("DER", () => {
  it("X.690 §8.1.3 has short lengths in one byte, and long ones behind their number of bytes", () => {
    const lengths = [0, 127, 128, 255, 256, 65_536];
    const heads = lengths.map((length) => {
      const bytes = der(0x04, Buffer.alloc(length));
      return bytes.toString("hex", 0, bytes.length - length);
    });
    assert.deepEqual(heads, ["0400", "047f", "048180", "0481ff", "04820100", "0483010000"]);
  });

  it("X.690 §8.19 has object identifiers in digits of seven bits", () => {
    const identifiers = ["2.5.4.3", "1.2.840.10045.4.3.2", "1.3.6.1.5.5.7.3.1"];
    assert.deepEqual(
      identifiers.map((identifier) => objectIdentifier(identifier).toString("hex")),
      ["0603550403", "06082a8648ce3d040302", "06082b06010505070301"],
    );
  });

  it("has sequences, bit strings and times", () => {
    assert.equal(sequence(der(0x05), der(0x05)).toString("hex"), "300405000500");
    assert.equal(bitString(Buffer.from([0xff])).toString("hex"), "030200ff");
    const time = utcTime(new Date("2026-01-02T03:04:05.678Z"));
    assert.equal(time.toString("latin1", 2), "260102030405Z");
  });
});
