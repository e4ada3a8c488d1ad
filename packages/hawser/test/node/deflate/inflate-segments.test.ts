// The contract that all ways of inflating a segment keep: inflate-handle.ts, and inflate-public.ts
// synchronously and in threads.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inflateByHandle } from "../../../dist/node/deflate/inflate-handle.js";
import { inflateByCall, InflateRun } from "../../../dist/node/deflate/inflate-public.js";
import type { Segment } from "../../../dist/node/deflate/inflation.js";
import { hex, json, payloadOf } from "./contents.ts";

type Way = (
  input: Uint8Array,
  window: Uint8Array | undefined,
  limit: number,
) => Segment | undefined | Promise<Segment | undefined>;

const ways: Record<string, Way> = {
  "by handle": inflateByHandle,
  "by call": inflateByCall,
  "in threads": (input, window, limit) => new InflateRun(input, window, limit).segment,
};

const hello = hex("48 65 6c 6c 6f");

for (const [name, inflate] of Object.entries(ways)) {
  /** What zlib stopped at, as where the block closes: the paths do it at 4 or 9 behind the payload. */
  const isOpen = ({ consumed }: Segment, length: number): boolean =>
    consumed === length + (name === "by handle" ? 4 : 9);

  describe(`a segment ${name}`, () => {
    it("§7.2.3.1 ends open, at the end of the tail", async () => {
      const segment = await inflate(hex("f2 48 cd c9 c9 07 00"), undefined, 5);
      assert.ok(segment);
      assert.deepEqual(Buffer.from(segment.content), hello);
      assert.ok(isOpen(segment, 7));
    });

    it("§7.2.3.2 may refer to the window", async () => {
      const segment = await inflate(hex("f2 00 11 00 00"), hello, 5);
      assert.ok(segment);
      assert.deepEqual(Buffer.from(segment.content), hello);
      assert.ok(isOpen(segment, 5));
    });

    it("§7.2.3.2 may not refer to what is not there", async () => {
      await assert.rejects(async () => inflate(hex("f2 00 11 00 00"), undefined, 5), {
        code: "Z_DATA_ERROR",
      });
    });

    it("§7.2.3.4 ends with the first final block", async () => {
      const segment = await inflate(hex("f3 48 cd c9 c9 07 00 00"), undefined, 5);
      assert.ok(segment);
      assert.deepEqual(Buffer.from(segment.content), hello);
      assert.equal(segment.consumed, 7);
    });

    it("gives undefined past the limit, to the byte", async () => {
      for (const length of [1, 100, 5_000, 65_534]) {
        const content = json(length);
        const payload = payloadOf(content);
        assert.equal(await inflate(payload, undefined, length - 1), undefined);
        const segment = await inflate(payload, undefined, length);
        assert.deepEqual(Buffer.from(segment?.content ?? []), Buffer.from(content));
      }
    });

    it("takes the least limit", async () => {
      assert.equal((await inflate(hex("00"), undefined, 0))?.content.length, 0);
      assert.equal(await inflate(payloadOf(Uint8Array.of(1)), undefined, 0), undefined);
    });

    it("throws what zlib says, and the next one is not touched by it", async () => {
      await assert.rejects(async () => inflate(hex("07"), undefined, 5), { code: "Z_DATA_ERROR" });
      const segment = await inflate(hex("f2 48 cd c9 c9 07 00"), undefined, 5);
      assert.deepEqual(Buffer.from(segment?.content ?? []), hello);
    });
  });
}
