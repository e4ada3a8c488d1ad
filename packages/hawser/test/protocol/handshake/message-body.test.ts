import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { headersFromRaw } from "../../../dist/protocol/handshake/headers.js";
import { BodyReader, maxBodyBytes } from "../../../dist/protocol/handshake/message-body.js";
import { decodeLatin1, encodeLatin1 } from "../../../dist/protocol/handshake/message-head.js";
import { splits } from "../conversation.js";

function read(headers: string[], input: string, status = 400): { done: boolean; content: string } {
  let result = { done: false, content: "" };
  for (const parts of splits(encodeLatin1(input))) {
    const reader = new BodyReader(status, headersFromRaw(headers));
    let done = reader.receive(new Uint8Array(0));
    for (const part of parts) done ||= reader.receive(part);
    result = { done, content: decodeLatin1(reader.content()) };
  }
  return result;
}

describe("message body", () => {
  it("RFC 9112 §6.3 by Content-Length", () => {
    assert.deepEqual(read(["Content-Length", "5"], "Hello, more"), {
      done: true,
      content: "Hello",
    });
    assert.deepEqual(read(["Content-Length", "5"], "Hel"), { done: false, content: "Hel" });
    assert.deepEqual(read(["Content-Length", "0"], ""), { done: true, content: "" });
  });

  it("RFC 9112 §6.3 up to the end, when nothing says how long it is", () => {
    assert.deepEqual(read([], "Hello"), { done: false, content: "Hello" });
    assert.deepEqual(read(["Content-Length", "x"], "Hello"), { done: false, content: "Hello" });
    assert.deepEqual(read(["Content-Length", "-1"], "Hello"), { done: false, content: "Hello" });
  });

  it("RFC 9112 §7.1 chunked", () => {
    const chunked = ["Transfer-Encoding", "gzip, chunked"];
    const input = "5\r\nHello\r\n1;ext=1\r\n!\r\n0\r\n\r\n";
    assert.deepEqual(read(chunked, input), { done: true, content: "Hello!" });
    assert.deepEqual(read(chunked, "5\r\nHel"), { done: false, content: "Hel" });
    assert.deepEqual(read(chunked, "nonsense"), { done: false, content: "" });
    assert.deepEqual(read(chunked, "5"), { done: false, content: "" });
  });

  it("RFC 9110 §6.4.1 204 and 304 have none", () => {
    for (const status of [204, 304]) {
      assert.deepEqual(read(["Content-Length", "5"], "", status), { done: true, content: "" });
    }
  });

  it("keeps at most 16 KiB", () => {
    const reader = new BodyReader(500, headersFromRaw(["Content-Length", "100000000"]));
    assert.equal(reader.receive(new Uint8Array(10_000)), false);
    assert.equal(reader.receive(new Uint8Array(10_000)), true);
    assert.equal(reader.content().length, maxBodyBytes);
  });
});
