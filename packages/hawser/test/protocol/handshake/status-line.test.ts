import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseStatus } from "../../../dist/protocol/handshake/status-line.js";

describe("RFC 9112 §4 a status line", () => {
  for (const [line, status] of [
    ["HTTP/1.1 101 Switching Protocols", 101],
    ["HTTP/1.0 200", 200],
    ["HTTP/1.1 999 ", 999],
    ["HTTP/2.0 200 OK", undefined],
    ["HTTP/1.1 099 Less", undefined],
    ["HTTP/1.1 1010 More", undefined],
    ["HTTP/1.1 2e2 Number", undefined],
    ["HTTP/1.1", undefined],
    ["", undefined],
  ] as const) {
    it(JSON.stringify(line), () => assert.equal(parseStatus(line), status));
  }
});
