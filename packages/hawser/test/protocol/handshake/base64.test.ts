import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { isBase64Of16Bytes, toBase64 } from "../../../dist/protocol/handshake/base64.js";

describe("base64", () => {
  it("RFC 4648 §10 gives the same as the platform at every length", () => {
    for (let length = 0; length < 40; length++) {
      const data = randomBytes(length);
      assert.equal(toBase64(data), data.toString("base64"));
    }
  });

  it("RFC 6455 §4.2.1 (5) knows the base64 of exactly 16 bytes", () => {
    for (let i = 0; i < 200; i++) assert.equal(isBase64Of16Bytes(toBase64(randomBytes(16))), true);
    for (const text of [
      "",
      toBase64(randomBytes(15)),
      toBase64(randomBytes(17)),
      toBase64(randomBytes(18)),
      "dGhlIHNhbXBsZSBub25jZR==",
      "dGhlIHNhbXBsZSBub25j-Q==",
      "dGhlIHNhbXBsZSBub25jZQ= ",
      "dGhlIHNhbXBsZSBub25jZQ",
      " dGhlIHNhbXBsZSBub25jZQ==",
      "dGhl\tHNhbXBsZSBub25jZQ==",
    ]) {
      assert.equal(isBase64Of16Bytes(text), false, text);
    }
  });
});
