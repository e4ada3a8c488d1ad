// What is held: by a thousand of each direction between messages, and at most while a bomb is inflated.
// A thousand streams are looked at from outside (RSS), since zlib's memory is not the collector's.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { deflateRawSync } from "node:zlib";
import type { DeflateParameters, Deflater } from "../../../dist/protocol/deflate/engine.js";
import { zlibEngine } from "../../../dist/node/deflate/engine.js";
import { turn } from "../../support/deferred.ts";
import { settledMemory } from "../../support/memory.ts";
import { bomb, json, noise, payloadOf } from "./contents.ts";

const execute = promisify(execFile);
const program = fileURLToPath(new URL("./deflaters-program.js", import.meta.url));
const KiB = 1024;
const MiB = 1024 * 1024;
const count = 1_000;

/** The most that buffers took while `work` was pending, beyond what they took before. */
async function peakBuffers(work: () => Promise<void>): Promise<number> {
  await settledMemory();
  const before = process.memoryUsage().arrayBuffers;
  const state = { peak: before, pending: true };
  const look = async (): Promise<void> => {
    while (state.pending) {
      state.peak = Math.max(state.peak, process.memoryUsage().arrayBuffers);
      await turn();
    }
  };
  const looking = look();
  await work();
  state.pending = false;
  await looking;
  return state.peak - before;
}

describe("a bomb of 1 MB that is 1 GB: at most maxBytes and 64 KiB are held", () => {
  const payload = bomb(1024);
  assert.ok(payload.length > 0.9 * MiB && payload.length < 1.3 * MiB);
  // Behind a final block a window is held too, which is a copy of what came before, and the stream that
  // read what came before is left to the collector.
  const behindFinal = Buffer.concat([deflateRawSync(json(40_000)), payload]);

  for (const handles of [true, false]) {
    for (const takeover of [true, false]) {
      for (const maxBytes of [10 * KiB, MiB]) {
        it(`${handles ? "handles" : "public"}, ${takeover ? "" : "no "}takeover, ${maxBytes / KiB} KiB`, async () => {
          for (const [bytes, more] of [
            [payload, 0],
            [payload.slice(0, 60_000), 0],
            [behindFinal, (32 + 64) * KiB],
          ] as const) {
            const inflater = zlibEngine({}, handles).inflater({ windowBits: 15, takeover });
            await inflater.inflate(payloadOf(noise(40_000)), MiB);
            let outcome: unknown = "none";
            const held = await peakBuffers(async () => {
              outcome = await inflater.inflate(bytes, maxBytes);
            });
            assert.equal(outcome, undefined);
            assert.ok(held <= maxBytes + more + 64 * KiB, `${held} bytes of buffers`);
            inflater.close();
          }
        });
      }
    }
  }

  it("the process grows by less than 4 MiB for the lot", async () => {
    await settledMemory();
    const before = process.memoryUsage.rss();
    for (const handles of [true, false]) {
      const inflater = zlibEngine({}, handles).inflater({ windowBits: 15, takeover: true });
      assert.equal(await inflater.inflate(payload, MiB), undefined);
      inflater.close();
    }
    await settledMemory();
    const grown = process.memoryUsage.rss() - before;
    assert.ok(grown < 4 * MiB, `${grown} bytes`);
  });
});

describe("a thousand of each direction hold what the engine says", () => {
  const kinds: DeflateParameters[] = [
    { windowBits: 15, takeover: true },
    { windowBits: 12, takeover: true },
    { windowBits: 9, takeover: true },
    { windowBits: 15, takeover: false },
  ];

  for (const parameters of kinds) {
    const { windowBits, takeover } = parameters;
    const title = `${windowBits} bits, ${takeover ? "" : "no "}takeover`;

    it(`inflaters: ${title}`, async () => {
      const engine = zlibEngine();
      const payload = payloadOf(json(40_000));
      await engine.inflater(parameters).inflate(payload, MiB);
      const before = await settledMemory();
      const inflaters = Array.from({ length: count }, () => engine.inflater(parameters));
      for (const inflater of inflaters) await inflater.inflate(payload, MiB);
      const each = ((await settledMemory()) - before) / count;
      const said = engine.inflaterBytes(parameters);
      assert.ok(each < 1.1 * said + 100, `${each} bytes each, ${said} said`);
      if (takeover) assert.ok(each > 0.7 * said, `${each} bytes each, ${said} said`);
      for (const inflater of inflaters) inflater.close();
    });

    if (!takeover) continue;
    for (const length of [1_000, 40_000]) {
      it(`deflaters: ${title}, after ${length} bytes`, async () => {
        const { stdout } = await execute(process.execPath, [
          program,
          String(windowBits),
          String(length),
        ]);
        const each = Number(stdout);
        const said = zlibEngine().deflaterBytes(parameters);
        // Some of zlib's memory is touched only by what needs it.
        assert.ok(each > 0.5 * said && each < 1.1 * said, `${each} bytes each, ${said} said`);
      });
    }
  }

  it("deflaters: 15 bits, no takeover", async () => {
    const engine = zlibEngine();
    const parameters = { windowBits: 15, takeover: false };
    const use = async (): Promise<Deflater> => {
      const deflater = engine.deflater(parameters);
      await deflater.deflate(json(1_000));
      await deflater.deflate(json(20_000));
      return deflater;
    };
    await use();
    const before = await settledMemory();
    const deflaters: Deflater[] = [];
    for (let i = 0; i < count; i++) deflaters.push(await use());
    const each = ((await settledMemory()) - before) / count;
    assert.ok(each < 1.1 * engine.deflaterBytes(parameters) + 100, `${each} bytes each`);
    for (const deflater of deflaters) deflater.close();
  });
});
