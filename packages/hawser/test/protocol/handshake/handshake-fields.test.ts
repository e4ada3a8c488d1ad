import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FieldScanner } from "../../../dist/protocol/handshake/field-scanner.js";
import {
  fieldsFromHeaders,
  HandshakeFields,
  hasMember,
} from "../../../dist/protocol/handshake/handshake-fields.js";
import { headersFromRaw } from "../../../dist/protocol/handshake/headers.js";

const raw = [
  ["Host", "example.com"],
  ["ORIGIN", "https://example.com"],
  ["upgrade", "websocket"],
  ["Connection", "keep-alive"],
  ["Connection", "Upgrade"],
  ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
  ["Sec-WebSocket-Version", "13"],
  ["Sec-WebSocket-Protocol", "chat"],
  ["Sec-WebSocket-Protocol", "v2"],
  ["Sec-WebSocket-Extensions", "permessage-deflate"],
  ["Content-Length", "0"],
  ["Transfer-Encoding", "chunked"],
  ["Cookie", "a=b"],
  ["X-A-Long-Name-That-Nobody-Asks-For", "x"],
  ["__proto__", "x"],
] as const;

const bytes = raw.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);

const expected = {
  count: raw.length,
  bytes,
  host: "example.com",
  origin: "https://example.com",
  upgrade: "websocket",
  connection: "keep-alive, Upgrade",
  key: "dGhlIHNhbXBsZSBub25jZQ==",
  version: "13",
  protocols: "chat, v2",
  extensions: "permessage-deflate",
  contentLength: "0",
  transferEncoding: "chunked",
};

describe("handshake fields", () => {
  it("RFC 9110 §5.3 are picked out of headers, several lines of one joined with commas", () => {
    const fields = fieldsFromHeaders(headersFromRaw(raw.flat()));
    assert.deepEqual(Object.fromEntries(Object.entries(fields)), expected);
  });

  it("are picked out of a text in the same way, and everything is counted", () => {
    const text = raw.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const scanner = new FieldScanner(text, 0);
    const fields = new HandshakeFields();
    while (scanner.next()) fields.addFrom(text, scanner);
    assert.deepEqual(Object.fromEntries(Object.entries(fields)), expected);
  });

  it("RFC 6455 §4.2.1 a list has its members in whatever case", () => {
    assert.equal(hasMember("WebSocket", "websocket"), true);
    assert.equal(hasMember("keep-alive , Upgrade", "upgrade"), true);
    assert.equal(hasMember("upgraded", "upgrade"), false);
    assert.equal(hasMember("", "upgrade"), false);
    assert.equal(hasMember(undefined, "upgrade"), false);
  });
});
