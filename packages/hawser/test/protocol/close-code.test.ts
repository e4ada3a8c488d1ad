import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CloseCode, isWireCloseCode, maxCloseReasonBytes } from "../../dist/protocol/close-code.js";

describe("close code", () => {
  it("§7.4 only 1000–1003, 1007–1014 and 3000–4999 may travel in a Close frame", () => {
    const allowed = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];
    for (let code = 0; code < 3000; code++) {
      assert.equal(isWireCloseCode(code), allowed.includes(code), String(code));
    }
    for (let code = 3000; code < 5000; code++)
      assert.equal(isWireCloseCode(code), true, String(code));
    for (const code of [5000, 5001, 65535])
      assert.equal(isWireCloseCode(code), false, String(code));
  });

  it("§7.4.1 1005 and 1006 have names but never travel", () => {
    assert.equal(isWireCloseCode(CloseCode.noCode), false);
    assert.equal(isWireCloseCode(CloseCode.abnormal), false);
  });

  it("§5.5 leaves 123 bytes for a reason", () => {
    assert.equal(maxCloseReasonBytes, 123);
  });
});
