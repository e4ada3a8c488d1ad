import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constants, createDeflateRaw, createInflateRaw } from "node:zlib";
import {
  deflates,
  HandleStream,
  handlesWork,
  inflates,
} from "../../../dist/node/deflate/zlib-handle.js";
import { turn } from "../../support/deferred.ts";
import { hex } from "./contents.ts";

const output = new Uint8Array(64);
const hello = hex("f2 48 cd c9 c9 07 00");
const { Z_SYNC_FLUSH } = constants;

describe("zlib handles", () => {
  it("work in the versions of Node that are tested, and are not used in others", () => {
    assert.equal(handlesWork(), true);
    assert.equal(handlesWork("20.19.0"), true);
    assert.equal(handlesWork("26.0.0"), true);
    for (const version of ["18.20.0", "27.0.0", "100.0.0", ""]) {
      assert.equal(handlesWork(version), false, version);
    }
  });

  it("are not used when a stream lacks what is used of it", () => {
    const stream = createDeflateRaw();
    for (const lack of [{ _handle: null }, { _handle: {} }, { _writeState: [0, 0] }]) {
      assert.equal(deflates(Object.assign(createDeflateRaw(), lack)), false);
      assert.equal(inflates(Object.assign(createInflateRaw(), lack)), false);
    }
    const longer = { _writeState: new Uint32Array(3) };
    assert.equal(deflates(Object.assign(stream, longer)), false);
  });

  it("are not used when they do something else", () => {
    assert.equal(deflates(createInflateRaw() as never), false);
    assert.equal(inflates(createDeflateRaw() as never), false);
    assert.equal(deflates(createDeflateRaw({ level: 0 })), false);
  });

  it("tell what is left of input and output", () => {
    const stream = new HandleStream(createInflateRaw());
    stream.write(Z_SYNC_FLUSH, hello, 0, output, 2, 5);
    assert.equal(stream.outputLeft, 0);
    assert.deepEqual(Buffer.from(output.slice(2, 5)), hex("48 65 6c"));
    stream.write(Z_SYNC_FLUSH, hello, hello.length - stream.inputLeft, output, 5, 64);
    assert.deepEqual(Buffer.from(output.slice(2, 7)), hex("48 65 6c 6c 6f"));
    assert.equal(stream.outputLeft, 57);
    assert.equal(stream.inputLeft, 0);
    stream.close();
  });

  it("throw what zlib says, once, and are destroyed then", async () => {
    const stream = new HandleStream(createInflateRaw());
    assert.equal(stream.destroyed, false);
    assert.throws(() => stream.write(Z_SYNC_FLUSH, hex("07"), 0, output, 0, 64), {
      code: "Z_DATA_ERROR",
    });
    assert.equal(stream.destroyed, true);
    stream.close();
    await turn(); // An 'error' event that nobody listens to would end the test here.
  });
});
