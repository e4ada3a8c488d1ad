// Random messages, small and large mixed, through both directions of every kind: what comes out is what
// went in. Random bytes to the inflater: handles and public means agree on what they are.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { zlibEngine } from "../../../dist/node/deflate/engine.js";
import { json, noise, withoutTail } from "./contents.ts";

/** HAWSER_PROPERTY_RUNS asks for more than the suite's time allows. */
const numRuns = Number(process.env["HAWSER_PROPERTY_RUNS"] ?? 100);
const maxBytes = 300_000;

const repeated = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 300 }))
  .map(([bytes, times]) => Uint8Array.from(Buffer.alloc(bytes.length * times, bytes)));

const content = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 500 }) },
  { weight: 3, arbitrary: repeated },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 140_000 }).map((length) => json(length)) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 140_000 }).map(noise) },
);

const parameters = fc.record({
  windowBits: fc.integer({ min: 9, max: 15 }),
  takeover: fc.boolean(),
});

describe("properties of the zlib engine", () => {
  it("every sequence of messages comes back", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(content, { minLength: 1, maxLength: 8 }),
        parameters,
        fc.boolean(),
        fc.boolean(),
        async (contents, chosen, deflateHandles, inflateHandles) => {
          const deflater = zlibEngine({}, deflateHandles).deflater(chosen);
          const inflater = zlibEngine({}, inflateHandles).inflater(chosen);
          for (const sent of contents) {
            const payload = withoutTail(await deflater.deflate(sent));
            const received = await inflater.inflate(payload, maxBytes);
            assert.ok(received && Buffer.compare(sent, received) === 0);
          }
          deflater.close();
          inflater.close();
        },
      ),
      { numRuns },
    );
  });

  it("handles and public means take or refuse the same bytes", async () => {
    const mutated = fc
      .tuple(repeated, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }), fc.nat(6))
      .map(([bytes, changes, cut]) => {
        const payload = withoutTail(
          zlibEngine({ level: 6 })
            .deflater({ windowBits: 15, takeover: false })
            .deflate(bytes.subarray(0, 5_000)) as Uint8Array,
        );
        for (const [at, value] of changes) payload[at % payload.length] = value;
        return payload.slice(0, payload.length - cut);
      });
    const outcome = async (payload: Uint8Array, handles: boolean): Promise<unknown> => {
      try {
        const inflater = zlibEngine({}, handles).inflater({ windowBits: 15, takeover: true });
        await inflater.inflate(payload, 60_000);
        return Buffer.from((await inflater.inflate(payload, 60_000)) ?? []).toString("hex");
      } catch {
        return "corrupt";
      }
    };
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutated, fc.uint8Array({ maxLength: 60 })), async (payload) => {
        assert.equal(await outcome(payload, true), await outcome(payload, false));
      }),
      { numRuns: 5 * numRuns },
    );
  });
});
