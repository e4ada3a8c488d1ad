import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { type Envelope, parseEnvelope, serializeEnvelope } from "../../dist/engines/index.js";

const envelope: Envelope = {
  publisher: "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\xfe\xff",
  number: 2 ** 40 + 1,
  previous: 7,
  message: "Hé",
  key: undefined,
  compress: true,
};
const head = "000102030405060708 09feff 010000000001 000000000007".replaceAll(" ", "");

describe("a publication between nodes, version 1", () => {
  for (const [title, more, hex] of [
    ["text", {}, `0100${head}48c3a9`],
    ["empty text", { message: "" }, `0100${head}`],
    ["binary", { message: Buffer.from([0, 255]) }, `0101${head}00ff`],
    ["not to be compressed", { compress: false }, `0102${head}48c3a9`],
    ["with a key", { key: "ké" }, `0104${head}00036bc3a948c3a9`],
    ["with an empty key", { key: "" }, `0104${head}000048c3a9`],
  ] as const) {
    it(`${title}: literally, and back`, () => {
      const bytes = serializeEnvelope({ ...envelope, ...more });
      assert.equal(bytes.toString("hex"), hex);
      assert.deepEqual(parseEnvelope(bytes), { ...envelope, ...more });
    });
  }

  it("is cut nowhere but in its content", () => {
    const bytes = serializeEnvelope({ ...envelope, key: "key", message: "" });
    for (let length = 0; length < bytes.length; length++) {
      assert.equal(parseEnvelope(bytes.subarray(0, length)), undefined, String(length));
    }
  });

  it("of another version, or with flags that this one does not know, is not read", () => {
    const bytes = serializeEnvelope(envelope);
    assert.equal(parseEnvelope(Buffer.concat([Buffer.from([2]), bytes.subarray(1)])), undefined);
    assert.equal(parseEnvelope(Buffer.concat([Buffer.from([1, 8]), bytes.subarray(2)])), undefined);
  });
});
