// What groups 12 and 13 send: the same in every run, texts that are UTF-8 at any cut, and contents that
// deflate as their kinds do.

import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import { describe, it } from "node:test";
import { deflateRawSync } from "node:zlib";
import { type CorpusKind, windowOf } from "../../../dist/conform/groups/corpus.js";

/** Kind, whether it is sent as text, and between which parts of its size it is deflated to. */
const kinds: readonly [kind: CorpusKind, isText: boolean, from: number, to: number][] = [
  ["JSON", true, 0.15, 0.45],
  ["bitmap", false, 0.2, 0.6],
  ["German prose", false, 0.1, 0.45],
  ["HTML", true, 0.1, 0.45],
  ["PDF", false, 0.95, 1.01],
];

describe("windowOf", () => {
  for (const [kind, isText, from, to] of kinds) {
    it(`${kind}: slides, fits its size, and deflates as it should`, () => {
      const rounds = Array.from({ length: 200 }, (_, round) => windowOf(kind, 16_384, round));
      assert.ok(rounds.every(({ length }) => length === 16_384));
      assert.ok(new Set(rounds.map((octets) => octets.toString("latin1"))).size > 150);
      if (isText) assert.ok(rounds.every((octets) => isUtf8(octets)));
      const all = windowOf(kind, 131_072, 1);
      const ratio = deflateRawSync(all).length / all.length;
      assert.ok(ratio > from && ratio < to, `${ratio}`);
    });
  }

  it("small windows slide, too", () => {
    assert.notDeepEqual(windowOf("JSON", 16, 0), windowOf("JSON", 16, 1));
    assert.deepEqual(windowOf("JSON", 16, 7), windowOf("JSON", 16, 7));
  });
});
