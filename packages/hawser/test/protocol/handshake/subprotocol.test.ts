import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  areSubprotocols,
  parseSubprotocols,
} from "../../../dist/protocol/handshake/subprotocol.js";

describe("Sec-WebSocket-Protocol", () => {
  it("§11.3.4 is a list of tokens", () => {
    assert.deepEqual(parseSubprotocols("chat, superchat, v2.chat"), [
      "chat",
      "superchat",
      "v2.chat",
    ]);
    assert.deepEqual(parseSubprotocols("toString,__proto__"), ["toString", "__proto__"]);
  });

  for (const value of ["", ",", "a b", "a, a", "a,b,a", "a/b", "é", `b${" ".repeat(32_000)}x`]) {
    it(`§4.2.1 refuses ${JSON.stringify(value).slice(0, 40)}`, () => {
      assert.equal(parseSubprotocols(value), undefined);
    });
  }

  it("§4.1 (10) a client offers tokens that all differ, or none", () => {
    assert.equal(areSubprotocols([]), true);
    assert.equal(areSubprotocols(["a", "A"]), true);
    assert.equal(areSubprotocols(["a", ""]), false);
  });
});
