import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Sendable, toMessage } from "../../dist/node/message.js";

describe("message", () => {
  it("text stays text, a Buffer stays the Buffer it is", () => {
    const buffer = Buffer.from("x");
    assert.equal(toMessage("x"), "x");
    assert.equal(toMessage(buffer), buffer);
  });

  it("takes bytes in any of the platform's forms, without a copy and only the part that is viewed", () => {
    const memory = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7]).buffer;
    const shared = new SharedArrayBuffer(2);
    const rows: [Sendable, number[]][] = [
      [new Uint8Array(memory, 2, 3), [2, 3, 4]],
      [new Uint16Array(memory, 2, 1), [2, 3]],
      [new DataView(memory, 6), [6, 7]],
      [memory, [0, 1, 2, 3, 4, 5, 6, 7]],
      [shared, [0, 0]],
    ];
    for (const [given, expected] of rows) {
      assert.deepEqual([...(toMessage(given) as Uint8Array)], expected);
    }
    const view = toMessage(new Uint8Array(memory)) as Uint8Array;
    view[0] = 9;
    assert.equal(new Uint8Array(memory)[0], 9);
  });

  for (const [given, named] of [
    [1, "a number"],
    [null, "null"],
    [undefined, "undefined"],
    [true, "a boolean"],
    [{ a: 1 }, "JSON.stringify"],
    [["a"], "JSON.stringify"],
    [() => 1, "a function"],
    [Symbol.iterator, "a symbol"],
  ] as const) {
    it(`never guesses: an error says what to do about ${named}`, () => {
      assert.throws(
        () => toMessage(given as unknown as Sendable),
        (error: { code: string; message: string }) =>
          error.code === "HAWSER_MESSAGE_TYPE" && error.message.includes(named),
      );
    });
  }
});
