import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cpuMs } from "../../support/cpu-time.ts";
import {
  type ExtensionOffer,
  parseExtensions,
  serializeExtensions,
} from "../../../dist/protocol/handshake/extension-header.js";

const rows: [header: string, ExtensionOffer[]][] = [
  ["foo", [{ name: "foo", parameters: [] }]],
  [
    "permessage-deflate; client_max_window_bits; server_max_window_bits=10",
    [
      {
        name: "permessage-deflate",
        parameters: [
          ["client_max_window_bits", undefined],
          ["server_max_window_bits", "10"],
        ],
      },
    ],
  ],
  [
    'a;b="c", d ; e = "\\f\\g" ,, h',
    [
      { name: "a", parameters: [["b", "c"]] },
      { name: "d", parameters: [["e", "fg"]] },
      { name: "h", parameters: [] },
    ],
  ],
  [" , a", [{ name: "a", parameters: [] }]],
  [
    "x; a=1; a=2; __proto__; constructor=toString",
    [
      {
        name: "x",
        parameters: [
          ["a", "1"],
          ["a", "2"],
          ["__proto__", undefined],
          ["constructor", "toString"],
        ],
      },
    ],
  ],
];

describe("Sec-WebSocket-Extensions", () => {
  for (const [header, expected] of rows) {
    it(`§9.1 reads ${header}`, () => assert.deepEqual(parseExtensions(header), expected));
  }

  const malformed = [
    "",
    " ",
    ",",
    "a b",
    "a;",
    "a; ;b",
    "a; b=",
    'a; b="',
    'a; b="c',
    'a; b=""',
    'a; b="c d"',
    'a; b="c\\',
    'a; b="c"d',
    "a; =b",
    "=",
    ";a",
    "a, b c",
    "é",
    "a; b=é",
  ];
  for (const header of malformed) {
    it(`§9.1 refuses ${JSON.stringify(header)}`, () => {
      assert.equal(parseExtensions(header), undefined);
    });
  }

  it("§9.1 writes what it reads", () => {
    const written = serializeExtensions(rows.flatMap(([, offers]) => offers));
    assert.deepEqual(
      parseExtensions(written),
      rows.flatMap(([, offers]) => offers),
    );
    assert.equal(
      serializeExtensions([
        {
          name: "a",
          parameters: [
            ["b", "1"],
            ["c", undefined],
          ],
        },
      ]),
      "a; b=1; c",
    );
  });

  it("takes time linear in its input: 1 MB of an unclosed quote, of spaces, of commas", () => {
    const ms = cpuMs(() => {
      for (const header of [
        `a; b="${"\\x".repeat(500_000)}`,
        `a; b${" ".repeat(1_000_000)}x`,
        ",".repeat(1_000_000),
      ]) {
        assert.equal(parseExtensions(header), undefined);
      }
    });
    assert.ok(ms < 2_000, `${ms} ms`);
  });
});
