import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import wabt from "wabt";
import { moduleBytes, readBuffer, simd } from "../../dist/node/vector-xor.js";
import type { Simd } from "../../dist/protocol/index.js";

const file = join(import.meta.dirname, "../../dist/node/vector-xor.js");

describe("vector xor", () => {
  it("is what vector-xor.wat says", async () => {
    const source = readFileSync(join(import.meta.dirname, "../../src/node/vector-xor.wat"), "utf8");
    const parsed = (await wabt()).parseWat("vector-xor.wat", source, { simd: true });
    assert.equal(moduleBytes, Buffer.from(parsed.toBinary({}).buffer).toString("base64"));
  });

  it("XORs exactly what it is told to, at any offset, and is there in this Node", () => {
    const { xor } = simd as Simd;
    const word = 0x12345678;
    for (const [start, size] of [
      [0, 64],
      [1, 64],
      [3, 256],
      [64, 128],
      [readBuffer.length - 64, 64],
    ] as const) {
      readBuffer.fill(0);
      xor(start, start + size, word);
      const expected = Buffer.alloc(readBuffer.length);
      for (let at = start; at < start + size; at += 4) {
        new DataView(expected.buffer, expected.byteOffset).setInt32(at, word, true);
      }
      assert.equal(readBuffer.equals(expected), true, `from ${start}, ${size} bytes`);
    }
  });

  it("without WebAssembly there is a buffer all the same", () => {
    const program = `import { readBuffer, simd } from ${JSON.stringify(file)};
      console.log(readBuffer.length, simd);`;
    const args = ["--jitless", "--no-warnings", "--input-type=module", "--eval", program];
    const printed = execFileSync(process.execPath, args, { encoding: "utf8" });
    assert.equal(printed, `${readBuffer.length} undefined\n`);
  });
});
