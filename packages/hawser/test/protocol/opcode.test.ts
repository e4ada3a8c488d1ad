import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isControlOpcode, isReservedOpcode } from "../../dist/protocol/opcode.js";

describe("opcode", () => {
  it("§5.2 reserves 3–7 and B–F", () => {
    const reserved = Array.from({ length: 16 }, (_, opcode) => opcode).filter(isReservedOpcode);
    assert.deepEqual(reserved, [3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf]);
  });

  it("§5.5 control frames have the opcode's top bit set", () => {
    const control = Array.from({ length: 16 }, (_, opcode) => opcode).filter(isControlOpcode);
    assert.deepEqual(control, [8, 9, 0xa, 0xb, 0xc, 0xd, 0xe, 0xf]);
  });
});
