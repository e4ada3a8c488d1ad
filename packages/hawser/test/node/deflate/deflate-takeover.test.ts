import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createInflateRaw, constants } from "node:zlib";
import { TakeoverDeflater } from "../../../dist/node/deflate/deflate-takeover.js";
import { turn } from "../../support/deferred.ts";
import { hex, json, noise } from "./contents.ts";

const settings = { windowBits: 15, level: 1, memLevel: 7 };

for (const handles of [true, false]) {
  describe(`TakeoverDeflater, ${handles ? "handles" : "public"}`, () => {
    it("§7.2.3.2 refers to the message before", async () => {
      const deflater = new TakeoverDeflater(settings, handles);
      const hello = hex("48 65 6c 6c 6f");
      const first = await deflater.deflate(hello);
      assert.deepEqual(first, hex("f2 48 cd c9 c9 07 00 00 00 ff ff"));
      assert.deepEqual(await deflater.deflate(hello), hex("f2 00 11 00 00 00 00 ff ff"));
      deflater.close();
    });

    it("§7.2.3.6 deflates nothing to an empty block, at first and between", async () => {
      const deflater = new TakeoverDeflater(settings, handles);
      assert.deepEqual(deflater.deflate(new Uint8Array(0)), Uint8Array.of(0, 0, 0, 0xff, 0xff));
      await deflater.deflate(hex("48"));
      assert.deepEqual(deflater.deflate(new Uint8Array(0)), Uint8Array.of(0, 0, 0, 0xff, 0xff));
      deflater.close();
    });

    it("one stream for small and large contents, which zlib's own inflater reads", async () => {
      const deflater = new TakeoverDeflater({ ...settings, windowBits: 12 }, handles);
      const inflater = createInflateRaw({ windowBits: 12, flush: constants.Z_SYNC_FLUSH });
      const received: Buffer[] = [];
      inflater.on("data", (chunk: Buffer) => received.push(chunk));
      const contents = [
        json(100),
        json(50_000),
        json(1000),
        noise(200_000),
        json(100_000),
        json(1),
      ];
      for (const content of contents) {
        const deflated = await deflater.deflate(content);
        assert.deepEqual(deflated.slice(-4), hex("00 00 ff ff"));
        received.length = 0;
        await new Promise((resolve) => inflater.write(deflated, resolve));
        assert.deepEqual(Buffer.concat(received), Buffer.from(content));
      }
      inflater.close();
      deflater.close();
    });

    it("close while pending: nothing comes", async () => {
      const deflater = new TakeoverDeflater(settings, handles);
      let settled = false;
      void Promise.resolve(deflater.deflate(noise(1_000_000))).finally(() => (settled = true));
      await turn();
      deflater.close();
      deflater.close();
      for (let i = 0; i < 100; i++) await turn();
      const other = new TakeoverDeflater(settings, handles);
      await other.deflate(noise(1_000_000));
      other.close();
      assert.equal(settled, false);
    });
  });
}
