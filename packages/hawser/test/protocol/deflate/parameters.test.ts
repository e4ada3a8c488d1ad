import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseExtensions, serializeExtensions } from "../../../dist/protocol/index.js";
import { listParameters, parseParameters } from "../../../dist/protocol/deflate/parameters.js";

type Parsed = ReturnType<typeof parseParameters>;

function parse(parameters: string, from: "offer" | "response"): Parsed {
  const [extension] = parseExtensions(`permessage-deflate${parameters}`) ?? [];
  assert.ok(extension !== undefined, parameters);
  return parseParameters(extension.parameters, from);
}

const none = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: undefined,
  clientMaxWindowBits: undefined,
};

describe("permessage-deflate parameters", () => {
  const valid: [string, Partial<NonNullable<Parsed>>][] = [
    ["", {}],
    ["; server_no_context_takeover", { serverNoContextTakeover: true }],
    ["; client_no_context_takeover", { clientNoContextTakeover: true }],
    ...[8, 9, 10, 11, 12, 13, 14, 15].flatMap((bits): [string, Partial<NonNullable<Parsed>>][] => [
      [`; server_max_window_bits=${bits}`, { serverMaxWindowBits: bits }],
      [`; client_max_window_bits=${bits}`, { clientMaxWindowBits: bits }],
    ]),
    ['; client_max_window_bits="10"', { clientMaxWindowBits: 10 }],
    [
      "; client_max_window_bits=9; server_max_window_bits=8; client_no_context_takeover; server_no_context_takeover",
      {
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
        serverMaxWindowBits: 8,
        clientMaxWindowBits: 9,
      },
    ],
  ];
  for (const [text, expected] of valid) {
    it(`§7.1 takes "${text}"`, () => {
      for (const from of ["offer", "response"] as const) {
        assert.deepEqual(parse(text, from), { ...none, ...expected });
      }
    });
  }

  it("§7.1.2.2 client_max_window_bits needs a value in a response, and none in an offer", () => {
    assert.equal(parse("; client_max_window_bits", "offer")?.clientMaxWindowBits, 15);
    assert.equal(parse("; client_max_window_bits", "response"), undefined);
  });

  const invalid = [
    "; unknown",
    "; constructor",
    "; __proto__=10",
    "; toString",
    "; Server_No_Context_Takeover",
    "; server_no_context_takeover=1",
    '; client_no_context_takeover="true"',
    "; server_max_window_bits",
    ...[
      "7",
      "16",
      "08",
      "010",
      "0",
      "-8",
      "+9",
      "1e1",
      "0xf",
      "9.0",
      "abc",
      "100",
      "999999999",
    ].flatMap((value) => [
      `; server_max_window_bits=${value}`,
      `; client_max_window_bits=${value}`,
    ]),
    "; server_no_context_takeover; server_no_context_takeover",
    "; client_no_context_takeover; client_no_context_takeover",
    "; server_max_window_bits=10; server_max_window_bits=10",
    "; client_max_window_bits=10; client_max_window_bits=9",
    "; client_max_window_bits=10; unknown=1",
  ];
  for (const text of invalid) {
    it(`§7.1 rejects "${text}"`, () => {
      assert.equal(parse(text, "offer"), undefined);
      assert.equal(parse(text, "response"), undefined);
    });
  }

  for (const text of ["; server_max_window_bits=", '; client_max_window_bits=""']) {
    it(`RFC 6455 §9.1 "${text}" is not even a list of extensions`, () => {
      assert.equal(parseExtensions(`permessage-deflate${text}`), undefined);
    });
  }

  it("are written as they are read", () => {
    for (const [text] of valid) {
      const parsed = parse(text, "response");
      assert.ok(parsed !== undefined);
      const written = serializeExtensions([listParameters(parsed)]);
      assert.match(written, /^permessage-deflate/);
      assert.deepEqual(parse(written.slice("permessage-deflate".length), "response"), parsed);
    }
  });
});
