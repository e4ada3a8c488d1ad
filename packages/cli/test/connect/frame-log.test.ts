// `--frames`: what it finds in bytes of any split, and says of them, of those that break rules as well.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FrameLog } from "../../dist/connect/frame-log.js";

interface Row {
  readonly title: string;
  readonly hex: string;
  readonly expected: readonly string[];
}

const rows: readonly Row[] = [
  {
    title: "§5.7 a masked text",
    hex: "818537fa213d7f9f4d5158",
    expected: ['TEXT FIN mask=37fa213d length=5 "Hello"'],
  },
  {
    title: "§5.7 a text in fragments, with a ping between",
    hex: "010348656c 8900 80026c6f",
    expected: ['TEXT length=3 "Hel"', "PING FIN length=0", 'CONTINUATION FIN length=2 "lo"'],
  },
  {
    title: "§5.5.1 closes, with a code, a reason, or neither",
    hex: "8800 880203e8 88050fa0627965",
    expected: ["CLOSE FIN length=0", "CLOSE FIN length=2 1000", 'CLOSE FIN length=5 4000 "bye"'],
  },
  {
    title: "binary is hex, and so are controls that are no text",
    hex: "8203000102 8a0100",
    expected: ["BINARY FIN length=3 000102", "PONG FIN length=1 00"],
  },
  {
    title: "RFC 7692: what is compressed is hex, in all its fragments",
    hex: "4103f248cd 8004c9c90700",
    expected: ["TEXT RSV1 length=3 f248cd", "CONTINUATION FIN length=4 c9c90700"],
  },
  {
    title: "reserved bits and opcodes, and control characters",
    hex: "f30161 81011b",
    expected: ["OPCODE-3 FIN RSV1 RSV2 RSV3 length=1 61", 'TEXT FIN length=1 "\\u001b"'],
  },
  {
    title: "lengths of 16 and 64 bits, and long payloads",
    hex: `827e0015${"ab".repeat(21)} 817f0000000000000046${"61".repeat(70)}`,
    expected: [
      `BINARY FIN length=21 ${"ab".repeat(20)}…`,
      `TEXT FIN length=70 "${"a".repeat(60)}"…`,
    ],
  },
];

/** The lines, without time and direction. */
function linesOf(hex: string, step: number): string[] {
  const lines: string[] = [];
  const log = new FrameLog(
    (line) => lines.push(line.replace(/^0\.000s ← /, "")),
    (_style, text) => text,
    () => 0,
  );
  const bytes = Buffer.from(hex.replaceAll(" ", ""), "hex");
  for (let at = 0; at < bytes.length; at += step) log.push("in", bytes.subarray(at, at + step));
  log.end();
  return lines;
}

describe("--frames", () => {
  for (const { title, hex, expected } of rows) {
    it(title, () => {
      for (const step of [1, 3, 1000]) assert.deepEqual(linesOf(hex, step), expected);
    });
  }

  it("tells directions and times, and how long a frame took to come", () => {
    let now = 100;
    const lines: string[] = [];
    const log = new FrameLog(
      (line) => lines.push(line),
      (_style, text) => text,
      () => now,
    );
    now = 1350;
    log.push("out", Uint8Array.of(0x89, 0));
    log.push("in", Uint8Array.of(0x82, 1));
    now = 1362.5;
    log.push("in", Uint8Array.of(7));
    assert.deepEqual(lines, [
      "1.250s → PING FIN length=0",
      "1.262s ← BINARY FIN length=1 took=12.5ms 07",
    ]);
  });

  it("tells what was cut off, in a payload or in a header", () => {
    assert.deepEqual(linesOf("8105486565", 1000), ["← cut off in TEXT behind 3 of 5 bytes"]);
    assert.deepEqual(linesOf("817e00", 1000), ["← cut off in the header of a frame"]);
  });
});
