import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inflateRawSync, constants } from "node:zlib";
import { SharedDeflater, syncDeflateBytes } from "../../../dist/node/deflate/deflate-shared.js";
import { turn } from "../../support/deferred.ts";
import { hex, json, noise } from "./contents.ts";

const settings = { windowBits: 15, level: 1, memLevel: 7 };
const inflated = (deflated: Uint8Array): Buffer =>
  inflateRawSync(deflated, { finishFlush: constants.Z_SYNC_FLUSH });

for (const handles of [true, false]) {
  describe(`SharedDeflater, ${handles ? "handles" : "public"}`, () => {
    it("§7.2.3.1 deflates Hello the same every time", () => {
      const deflater = new SharedDeflater(settings, handles);
      for (let i = 0; i < 3; i++) {
        const deflated = deflater.deflate(hex("48 65 6c 6c 6f")) as Uint8Array;
        assert.deepEqual(deflated, hex("f2 48 cd c9 c9 07 00 00 00 ff ff"));
      }
    });

    it("§7.2.3.6 deflates nothing to an empty block", () => {
      const deflater = new SharedDeflater(settings, handles);
      assert.deepEqual(deflater.deflate(new Uint8Array(0)), Uint8Array.of(0, 0, 0, 0xff, 0xff));
    });

    it("up to 16 KiB is deflated at once, whatever it is and the settings are", () => {
      for (const content of [json(syncDeflateBytes), noise(syncDeflateBytes), noise(1)]) {
        for (const level of [0, 1, 6, 9]) {
          for (const memLevel of [1, 5, 9]) {
            const deflater = new SharedDeflater({ windowBits: 15, level, memLevel }, handles);
            const deflated = deflater.deflate(content) as Uint8Array;
            assert.deepEqual(deflated.slice(-4), hex("00 00 ff ff"));
            assert.deepEqual(inflated(deflated), Buffer.from(content));
          }
        }
      }
    });

    it("more is deflated in threads", async () => {
      const deflater = new SharedDeflater(settings, handles);
      for (const content of [json(syncDeflateBytes + 1), noise(300_000)]) {
        const promise = deflater.deflate(content);
        assert.ok(promise instanceof Promise);
        const deflated = await promise;
        assert.deepEqual(deflated.slice(-4), hex("00 00 ff ff"));
        assert.deepEqual(inflated(deflated), Buffer.from(content));
      }
    });

    it("close while pending: nothing comes", async () => {
      const deflater = new SharedDeflater(settings, handles);
      let settled = false;
      void Promise.resolve(deflater.deflate(noise(1_000_000))).finally(() => (settled = true));
      await turn();
      deflater.close();
      deflater.close();
      for (let i = 0; i < 100; i++) await turn();
      await new SharedDeflater(settings, handles).deflate(noise(1_000_000));
      assert.equal(settled, false);
    });
  });
}
