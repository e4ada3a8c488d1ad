import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nodePlatform } from "../../dist/index.js";
import { checkCloseArguments, closePayload } from "../../dist/protocol/close-frame.js";
import { UsageError } from "../../dist/protocol/index.js";
import { hex } from "./conversation.js";

const check = (code: number | undefined, reason: string): void =>
  checkCloseArguments(nodePlatform, code, reason);

function isUsage(code: string): (error: unknown) => boolean {
  return (error) => error instanceof UsageError && error.code === code;
}

describe("close frame", () => {
  it("§5.5.1 is two bytes of code, then the reason as UTF-8", () => {
    assert.equal(hex(closePayload(nodePlatform, 1000, "")), "03e8");
    assert.equal(hex(closePayload(nodePlatform, 4999, "é!")), "1387c3a921");
  });

  it("§7.1.5 is empty without a code", () => {
    assert.equal(closePayload(nodePlatform, 1005, "").length, 0);
  });

  it("§7.4 takes codes that may be sent, and none", () => {
    for (const code of [1000, 1003, 1007, 1014, 3000, 4999]) check(code, "why");
    check(undefined, "");
  });

  for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 1000.5, -1, Number.NaN]) {
    it(`§7.4 refuses the code ${code}`, () => {
      assert.throws(() => check(code, ""), isUsage("HAWSER_CLOSE_CODE_INVALID"));
    });
  }

  it("§5.5 refuses a reason of more than 123 bytes", () => {
    check(1000, "x".repeat(123));
    check(1000, `x${"é".repeat(61)}`);
    assert.throws(() => check(1000, "é".repeat(62)), isUsage("HAWSER_CLOSE_REASON_TOO_LONG"));
  });

  it("§5.5.1 refuses a reason without a code", () => {
    assert.throws(() => check(undefined, "why"), isUsage("HAWSER_CLOSE_REASON_WITHOUT_CODE"));
  });

  it("never takes anything but text for a reason: memory could leak through it", () => {
    for (const reason of [new Float32Array(4), 4, null, {}] as unknown as string[]) {
      assert.throws(() => check(1000, reason), isUsage("HAWSER_CLOSE_REASON_TYPE"));
    }
  });
});
