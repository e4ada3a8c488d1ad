import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type RefusalCode, refusal, refusals } from "../../../dist/protocol/handshake/refusal.js";
import { responseFault, responseFaults } from "../../../dist/protocol/handshake/response-fault.js";

describe("refusal", () => {
  for (const [code, row] of Object.entries(refusals)) {
    it(`${code} is a ${row.status} that says why, and where it is written`, () => {
      const cause = new Error("cause");
      const error = refusal(code as RefusalCode, cause);
      assert.equal(error.code, code);
      assert.equal(error.status, row.status);
      assert.equal(error.cause, cause);
      assert.ok(error.body.includes(row.message) && error.body.includes(row.rfc));
      assert.deepEqual(error.headers.get("content-type"), ["text/plain; charset=utf-8"]);
    });
  }

  it("RFC 9110: 405 has Allow, 426 has Upgrade or the version", () => {
    assert.deepEqual(refusal("HAWSER_METHOD").headers.get("allow"), ["GET"]);
    assert.deepEqual(refusal("HAWSER_UPGRADE_REQUIRED").headers.get("upgrade"), ["websocket"]);
    assert.deepEqual(refusal("HAWSER_VERSION").headers.get("sec-websocket-version"), ["13"]);
  });
});

describe("response fault", () => {
  for (const [code, row] of Object.entries(responseFaults)) {
    it(`${code} says why, and where it is written`, () => {
      const error = responseFault(code as keyof typeof responseFaults, { status: 200 });
      assert.equal(error.code, code);
      assert.ok(error.message.includes(row.message) && error.message.includes("answered 200"));
      assert.ok(
        responseFault(code as keyof typeof responseFaults).message.endsWith(`(${row.rfc})`),
      );
    });
  }
});
