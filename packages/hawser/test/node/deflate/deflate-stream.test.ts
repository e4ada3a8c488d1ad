import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DeflateStream } from "../../../dist/node/deflate/deflate-stream.js";
import { turn } from "../../support/deferred.ts";
import { rejectionOf } from "../../support/rejection.ts";
import { hex } from "./contents.ts";

const settings = { windowBits: 9, level: 1, memLevel: 1 };

describe("DeflateStream", () => {
  it("flushes each content to a byte boundary", async () => {
    const stream = new DeflateStream(settings);
    const deflated = await stream.deflate(hex("48 65 6c 6c 6f"));
    assert.deepEqual(deflated, hex("f2 48 cd c9 c9 07 00 00 00 ff ff"));
    stream.close();
  });

  it("rejects when zlib fails, and nothing else is heard of it", async () => {
    const stream = new DeflateStream(settings);
    const failing = stream.deflate(hex("48"));
    stream.zlib.destroy(new Error("out of memory"));
    assert.match((await rejectionOf<Error>(failing)).message, /out of memory/);
    assert.match((await rejectionOf<Error>(stream.deflate(hex("48")))).message, /out of memory/);
    await turn();
  });
});
