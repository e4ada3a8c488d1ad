import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { History } from "../../../dist/node/deflate/history.js";
import { closing, Inflation, tail } from "../../../dist/node/deflate/inflation.js";

const payload = new Uint8Array(10);
const one = Uint8Array.of(1);

describe("inflation", () => {
  it("§7.2.2 the tail is 00 00 ff ff; an empty final block and one byte close it", () => {
    assert.deepEqual(tail, Uint8Array.of(0, 0, 0xff, 0xff));
    assert.deepEqual(closing, Uint8Array.of(0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff, 0));
  });

  for (const [behind, what] of [
    [0, "by a final block at its end"],
    [4, "at the end of the tail"],
    [9, "by the closing block"],
  ] as const) {
    it(`is complete ${what}`, () => {
      const inflation = new Inflation(payload, undefined, 100);
      assert.equal(inflation.accept({ content: one, consumed: 10 + behind }), one);
    });
  }

  for (const behind of [1, 2, 3, 5, 6, 7, 8, 10]) {
    it(`is corrupt when zlib stops ${behind} bytes behind the payload`, () => {
      const inflation = new Inflation(payload, undefined, 100);
      assert.throws(
        () => inflation.accept({ content: one, consumed: 10 + behind }),
        /ends inside a DEFLATE block/,
      );
    });
  }

  it("§7.2.1 goes on behind a final block, with the window of what came before", () => {
    const history = new History(1024);
    history.append(Uint8Array.of(7));
    const inflation = new Inflation(Uint8Array.of(1, 2, 3), history, 5);
    assert.deepEqual(inflation.window, Uint8Array.of(7));
    assert.equal(inflation.accept({ content: Uint8Array.of(8), consumed: 1 }), undefined);
    assert.deepEqual(inflation.rest, Uint8Array.of(2, 3));
    assert.equal(inflation.room, 4);
    assert.deepEqual(inflation.window, Uint8Array.of(7, 8));
    assert.equal(inflation.accept({ content: Uint8Array.of(9), consumed: 1 }), undefined);
    assert.deepEqual(inflation.window, Uint8Array.of(7, 8, 9));
    const content = inflation.accept({ content: Uint8Array.of(10, 11), consumed: 5 });
    assert.deepEqual(content, Buffer.of(8, 9, 10, 11));
    assert.deepEqual(history.bytes, Uint8Array.of(7), "the connection's is not changed");
  });

  it("begins without a window where there is no history", () => {
    assert.equal(new Inflation(payload, undefined, 1).window, undefined);
    assert.equal(new Inflation(payload, new History(1024), 1).window, undefined);
  });

  it("takes 256 final blocks", () => {
    const inflation = new Inflation(new Uint8Array(1000), undefined, 100);
    const empty = { content: new Uint8Array(0), consumed: 2 };
    for (let i = 0; i < 255; i++) assert.equal(inflation.accept(empty), undefined);
    assert.throws(() => inflation.accept(empty), /more than 256 final DEFLATE blocks/);
  });
});
