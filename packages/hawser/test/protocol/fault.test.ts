import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { limitExceeded, limits, violation, violations } from "../../dist/protocol/fault.js";
import { LimitError, maxCloseReasonBytes, ProtocolError } from "../../dist/protocol/index.js";

describe("fault", () => {
  for (const [code, row] of Object.entries(violations)) {
    it(`${code} is a ProtocolError with its row's close code and source`, () => {
      const error = violation(code as keyof typeof violations);
      assert.ok(error instanceof ProtocolError);
      assert.equal(error.code, code);
      assert.equal(error.closeCode, row.closeCode);
      assert.equal(error.rfc, row.rfc);
      assert.ok([1002, 1007].includes(error.closeCode));
    });
  }

  for (const [code, row] of Object.entries(limits)) {
    it(`${code} is a LimitError that says what is allowed and what came`, () => {
      const error = limitExceeded(code as keyof typeof limits, 10, 11);
      assert.ok(error instanceof LimitError);
      assert.deepEqual([error.code, error.closeCode], [code, row.closeCode]);
      assert.deepEqual([error.limit, error.actual], [10, 11]);
      assert.match(error.message, /11, allowed are 10/);
    });
  }

  it("§5.5 every message fits into the reason of a Close frame", () => {
    const messages = [
      ...Object.keys(violations).map((code) => violation(code as keyof typeof violations).message),
      ...Object.keys(limits).map(
        (code) => limitExceeded(code as keyof typeof limits, 2 ** 53 - 1, 2 ** 63).message,
      ),
    ];
    for (const message of messages)
      assert.ok(Buffer.byteLength(message) <= maxCloseReasonBytes, message);
  });

  it("keeps the cause", () => {
    const cause = new Error("zlib");
    assert.equal(violation("HAWSER_BAD_COMPRESSION", { cause }).cause, cause);
  });
});
