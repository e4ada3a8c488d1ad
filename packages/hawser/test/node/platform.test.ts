import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nodePlatform } from "../../dist/index.js";

describe("Node's platform", () => {
  it("hashes with SHA-1 (RFC 3174 §7.3)", () => {
    const digest = Buffer.from(nodePlatform.sha1Base64("abc"), "base64").toString("hex");
    assert.equal(digest, "a9993e364706816aba3e25717850c26c9cd0d89d");
  });

  it("RFC 6455 §10.3 masking keys differ, over many refills of the pool", () => {
    const keys = new Set(Array.from({ length: 20_000 }, () => nodePlatform.maskingKey()));
    assert.ok(keys.size > 19_900);
    for (const key of keys) assert.ok(Number.isInteger(key) && key >= 0 && key < 2 ** 32);
  });

  it("random bytes differ", () => {
    assert.notDeepEqual(nodePlatform.randomBytes(16), nodePlatform.randomBytes(16));
    assert.equal(nodePlatform.randomBytes(16).length, 16);
  });

  it("reads and writes text in plain Uint8Arrays as in Buffers, and keeps a byte order mark", () => {
    for (const target of [new Uint8Array(20), Buffer.alloc(20)]) {
      const written = nodePlatform.encodeUtf8Into("\ufeffé😀", target, 2);
      assert.equal(written, 3 + 2 + 4);
      assert.equal(nodePlatform.decodeUtf8(target, 2, 2 + written), "\ufeffé😀");
      nodePlatform.encodeUtf8Into("abc", target, 0);
      assert.equal(nodePlatform.decodeAscii(target, 1, 3), "bc");
    }
  });

  it("writes U+FFFD for a lone surrogate", () => {
    const target = new Uint8Array(3);
    assert.equal(nodePlatform.utf8ByteLength("\ud800"), 3);
    nodePlatform.encodeUtf8Into("\ud800", target, 0);
    assert.deepEqual([...target], [0xef, 0xbf, 0xbd]);
  });

  it("checks UTF-8 and allocates what it is asked for", () => {
    assert.equal(nodePlatform.isUtf8(Buffer.from("é")), true);
    assert.equal(nodePlatform.isUtf8(Uint8Array.of(0xff)), false);
    assert.equal(nodePlatform.allocate(10_000).length, 10_000);
  });
});
