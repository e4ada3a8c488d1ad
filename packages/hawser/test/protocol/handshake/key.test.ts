import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nodePlatform } from "../../../dist/index.js";
import { isBase64Of16Bytes } from "../../../dist/protocol/handshake/base64.js";
import { acceptFor, newKey } from "../../../dist/protocol/handshake/key.js";

describe("key", () => {
  it("§1.3 gives the RFC's own answer to the RFC's own key", () => {
    assert.equal(
      acceptFor(nodePlatform, "dGhlIHNhbXBsZSBub25jZQ=="),
      "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    );
  });

  it("§4.1 (7) makes a new key of 16 bytes for each connection", () => {
    const keys = new Set(Array.from({ length: 100 }, () => newKey(nodePlatform)));
    assert.equal(keys.size, 100);
    for (const key of keys) assert.equal(isBase64Of16Bytes(key), true);
  });
});
