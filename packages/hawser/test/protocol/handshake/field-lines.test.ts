import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  framingNames,
  handshakeNames,
  serializeFieldLines,
} from "../../../dist/protocol/handshake/field-lines.js";

describe("field lines", () => {
  it("writes fields as lines", () => {
    assert.equal(
      serializeFieldLines(
        [
          ["Cookie", "a=b"],
          ["X", ""],
          ["X", "é"],
        ],
        handshakeNames,
      ),
      "Cookie: a=b\r\nX: \r\nX: é\r\n",
    );
  });

  for (const [name, value] of [
    ["X", "a\r\nSet-Cookie: b"],
    ["X", "a\nb"],
    ["X", "a\0"],
    ["X", "€"],
    ["X y", "a"],
    ["X:", "a"],
    ["", "a"],
  ] as const) {
    it(`RFC 9110 §5.5 refuses ${JSON.stringify([name, value])}`, () => {
      assert.throws(() => serializeFieldLines([[name, value]], framingNames), {
        code: "HAWSER_HEADER_INVALID",
      });
    });
  }

  it("keeps the handshake's own fields to itself", () => {
    for (const name of ["Connection", "UPGRADE", "Sec-WebSocket-Key", "content-length"]) {
      assert.throws(() => serializeFieldLines([[name, "x"]], handshakeNames), {
        code: "HAWSER_HEADER_INVALID",
      });
    }
    assert.equal(
      serializeFieldLines([["Upgrade", "websocket"]], framingNames),
      "Upgrade: websocket\r\n",
    );
  });
});
