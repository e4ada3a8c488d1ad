import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nodePlatform } from "../../dist/index.js";
import { encodeMessage } from "../../dist/protocol/encode-message.js";
import { hex, unmasked } from "./conversation.js";

describe("encodeMessage", () => {
  it("§5.7 makes one frame of a text and of a binary message", () => {
    assert.equal(hex(encodeMessage(nodePlatform, "Hello")), "810548656c6c6f");
    assert.equal(hex(encodeMessage(nodePlatform, Buffer.from([1, 2]))), "82020102");
    assert.equal(hex(encodeMessage(nodePlatform, "é")), "8102c3a9");
    const large = encodeMessage(nodePlatform, Buffer.alloc(256));
    assert.equal(hex(large.subarray(0, 4)), "827e0100");
    assert.equal(large.length, 260);
  });

  it("§5.3 masks it with the key that it is given", () => {
    assert.equal(hex(encodeMessage(nodePlatform, "Hello", 0x37fa213d)), "818537fa213d7f9f4d5158");
    const large = encodeMessage(nodePlatform, Buffer.alloc(70_000, 5), 0x01020304);
    assert.equal(unmasked(hex(large)), hex(encodeMessage(nodePlatform, Buffer.alloc(70_000, 5))));
  });
});
