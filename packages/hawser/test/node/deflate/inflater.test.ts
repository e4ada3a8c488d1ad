import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { constants, deflateRawSync } from "node:zlib";
import { syncInflateBytes, ZlibInflater } from "../../../dist/node/deflate/inflater.js";
import { turn } from "../../support/deferred.ts";
import { bomb, hex, json, noise, payloadOf } from "./contents.ts";

const MiB = 1024 * 1024;
const hello = hex("48 65 6c 6c 6f");
const incomplete = /ends inside a DEFLATE block/;

for (const handles of [true, false]) {
  for (const takeover of [true, false]) {
    const make = (windowBits = 15): ZlibInflater =>
      new ZlibInflater({ windowBits, takeover }, handles);
    const inflate = async (payload: Uint8Array, maxBytes = MiB): Promise<Buffer | undefined> => {
      const content = await make().inflate(payload, maxBytes);
      return content && Buffer.from(content);
    };
    const path = `${handles ? "handles" : "public"}, ${takeover ? "" : "no "}takeover`;

    describe(`ZlibInflater, ${path}`, () => {
      for (const [title, payload, content] of [
        ["§7.2.3.1 one block", "f2 48 cd c9 c9 07 00", "48 65 6c 6c 6f"],
        ["§7.2.3.3 a stored block", "00 05 00 fa ff 48 65 6c 6c 6f 00", "48 65 6c 6c 6f"],
        ["§7.2.3.4 BFINAL set", "f3 48 cd c9 c9 07 00 00", "48 65 6c 6c 6f"],
        ["§7.2.3.5 two blocks", "f2 48 05 00 00 00 ff ff ca c9 c9 07 00", "48 65 6c 6c 6f"],
        ["§7.2.3.6 an empty stored block", "00", ""],
        ["§7.2.3.6 an empty block of fixed codes", "02 00", ""],
        ["§7.2.1 BFINAL set and nothing behind it", "f3 48 cd c9 c9 07 00", "48 65 6c 6c 6f"],
        ["§7.2.1 BFINAL set in the stored block whose end is the tail", "01", ""],
        [
          "§7.2.1 BFINAL set in each of two blocks",
          "f3 48 cd c9 c9 07 00 f3 48 cd c9 c9 07 00 00",
          "48 65 6c 6c 6f 48 65 6c 6c 6f",
        ],
        [
          "§7.2.1 a block behind a final one refers to what came before it",
          "f3 48 cd c9 c9 07 00 f2 00 11 00 00",
          "48 65 6c 6c 6f 48 65 6c 6c 6f",
        ],
      ] as const) {
        it(`${title}: at once`, () => {
          const inflater = make();
          for (let i = 0; i < 2; i++) {
            const inflated = inflater.inflate(hex(payload), hex(content).length);
            assert.deepEqual(inflated, hex(content));
          }
        });
      }

      it("§7.2.3.2 the window of the message before is there, or isn't", async () => {
        const inflater = make();
        assert.deepEqual(inflater.inflate(hex("f2 48 cd c9 c9 07 00"), 5), hello);
        const again = async (): Promise<unknown> => inflater.inflate(hex("f2 00 11 00 00"), 5);
        if (takeover) assert.deepEqual(await again(), hello);
        else await assert.rejects(again, { code: "Z_DATA_ERROR" });
      });

      for (const [title, payload] of [
        ["nothing at all", ""],
        ["inside a block of fixed codes", "f2 48 cd c9"],
        ["inside a stored block", "00 0a 00 f5 ff 48 65"],
        ["inside the header of a stored block", "00 05 00"],
        ["inside the last of two blocks", "f2 48 cd c9 c9 07 00 f2 48 cd"],
        ["inside the block behind a final one", "f3 48 cd c9 c9 07 00 f2 48 cd"],
        ["one byte early", "f2 48 cd c9 c9 07"],
        ["with a second tail", "f2 48 cd c9 c9 07 00 00 00 ff ff"],
      ] as const) {
        it(`§7.2.2 corrupt: ends ${title}`, () => {
          assert.throws(() => make().inflate(hex(payload), MiB), Error);
        });
      }

      it("§7.2.2 every prefix of a message is corrupt, or less of it", async () => {
        const content = json(3_000);
        const payload = payloadOf(content);
        for (let length = 0; length < payload.length; length++) {
          try {
            const got = Buffer.from((await inflate(payload.slice(0, length))) as Uint8Array);
            assert.ok(got.length < content.length && length > 0);
          } catch (error) {
            if (error instanceof assert.AssertionError) throw error;
          }
        }
      });

      for (const [title, payload] of [
        ["a reserved block type", "07"],
        ["lengths of a stored block that differ", "00 05 00 fa fe 48 65 6c 6c 6f 00"],
        ["a distance too far back", "f2 00 11 00 00"],
      ] as const) {
        it(`corrupt: ${title}; the next message of another connection is well`, async () => {
          assert.throws(() => make().inflate(hex(payload), MiB), Error);
          assert.deepEqual(await inflate(hex("f2 48 cd c9 c9 07 00")), Buffer.from(hello));
          await turn();
        });
      }

      it("less than 64 KiB is inflated at once, more in threads", async () => {
        const small = json(syncInflateBytes);
        assert.deepEqual(make().inflate(payloadOf(small), MiB), small);
        for (const large of [
          json(syncInflateBytes + 1),
          json(900_000),
          noise(500_000),
          noise(33_000),
        ]) {
          const promise = make().inflate(payloadOf(large), MiB);
          assert.ok(promise instanceof Promise);
          assert.deepEqual(Buffer.from((await promise) as Uint8Array), Buffer.from(large));
        }
      });

      it("corrupt, incomplete and final blocks in threads", async () => {
        const content = json(200_000);
        const payload = payloadOf(content);
        const twice = Buffer.concat([content, content]);
        await assert.rejects(inflate(payload.slice(0, -2)), incomplete);
        await assert.rejects(inflate(Buffer.concat([payload, hex("000000ffff 07")])), {
          code: "Z_DATA_ERROR",
        });
        const final = deflateRawSync(content);
        assert.deepEqual(await inflate(final), Buffer.from(content));
        assert.deepEqual(await inflate(Buffer.concat([final, hex("00")])), Buffer.from(content));
        assert.deepEqual(await inflate(Buffer.concat([final, payload])), twice);
        const referring = deflateRawSync(content, {
          dictionary: content,
          finishFlush: constants.Z_SYNC_FLUSH,
        }).subarray(0, -4);
        assert.deepEqual(await inflate(Buffer.concat([final, referring])), twice);
        const split = Buffer.concat([final, payload]);
        assert.equal(await inflate(split, twice.length - 1), undefined);
        assert.deepEqual(await inflate(split, twice.length), twice);
      });

      it("final blocks without end are corrupt, at once and in threads", async () => {
        const finals = Buffer.alloc(2 * 300, hex("03 00"));
        assert.throws(() => make().inflate(finals, MiB), /more than 256 final/);
        const large = Buffer.concat([deflateRawSync(json(100_000)), finals]);
        await assert.rejects(inflate(large), /more than 256 final/);
        const few = Buffer.concat([Buffer.alloc(2 * 255, hex("03 00")), hex("00")]);
        assert.deepEqual(make().inflate(few, MiB), Buffer.alloc(0));
      });

      it("gives undefined past maxBytes, to the byte", async () => {
        for (const length of [1, 1000, 65_535, 65_536, 65_537, 131_072, 400_000]) {
          const payload = payloadOf(json(length));
          assert.equal(await inflate(payload, length - 1), undefined, `${length} bytes`);
          assert.equal((await inflate(payload, length))?.length, length);
        }
        assert.equal(await inflate(hex("00"), 0).then((content) => content?.length), 0);
      });

      it("gives undefined for a bomb", async () => {
        const payload = bomb(16);
        assert.equal(make().inflate(payload, 1_000), undefined);
        assert.equal(await inflate(payload), undefined);
      });

      it("close while pending: nothing comes, and others go on", async () => {
        const inflater = make();
        const payload = payloadOf(noise(900_000));
        let settled = false;
        void Promise.resolve(inflater.inflate(payload, MiB)).finally(() => (settled = true));
        await turn();
        inflater.close();
        inflater.close();
        for (let i = 0; i < 100; i++) await turn();
        assert.equal((await inflate(payload))?.length, 900_000);
        assert.equal(settled, false);
      });

      it("close at any turn, between two segments too, is no error", async () => {
        const payload = Buffer.concat([deflateRawSync(json(100_000)), payloadOf(json(100_000))]);
        for (let turns = 0; turns < 30; turns++) {
          const inflater = make();
          const state = { closed: false };
          const pending = inflater.inflate(payload, MiB);
          assert.ok(pending instanceof Promise);
          void pending.then(() => assert.equal(state.closed, false));
          for (let i = 0; i < turns; i++) await turn();
          inflater.close();
          state.closed = true;
        }
        assert.equal((await inflate(payload))?.length, 200_000);
      });
    });
  }
}
