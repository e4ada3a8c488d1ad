// permessage-deflate against peers that mean ill, in both roles and both modes: bombs, broken streams,
// bits where they don't belong, and ends in the middle. Headers that are no offer have their tests in
// permessage-deflate-handshake.test.ts; the memory of a bomb is measured in
// permessage-deflate-memory.test.ts.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { after, afterEach, before, describe, it } from "node:test";
import { bomb, compressedFrame, deflated, fragments } from "../support/compressed.ts";
import { turn } from "../support/deferred.ts";
import { closeFrame, frame, type FrameOptions, hex, opcodes } from "../support/frame.ts";
import type { RawPeer } from "../support/raw-peer.ts";
import { Victim, victimKinds } from "../support/victim.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const { binary, close, continuation, ping, pong, text } = opcodes;
const compressed: FrameOptions = { rsv: 4 };
const started: FrameOptions = { rsv: 4, fin: false };

/** One of 1 MB that is 1 GB. */
const gigabyte = bomb(1024);
/** Valid UTF-8 up to a byte of FF far behind. */
const badText = (length: number): Buffer =>
  Buffer.concat([Buffer.alloc(length, "x"), hex("ff"), Buffer.alloc(length, "x")]);
const cut = (payload: Buffer): Buffer => payload.subarray(0, payload.length - 20);

type Frames = readonly (readonly [
  opcode: number,
  payload: string | Buffer,
  options?: FrameOptions,
])[];
type Verdict = readonly [closeCode: number, code: string];

const rsv: Verdict = [1002, "HAWSER_UNEXPECTED_RSV"];
const corrupt: Verdict = [1007, "HAWSER_BAD_COMPRESSION"];
const utf8: Verdict = [1007, "HAWSER_INVALID_UTF8"];
const tooBig: Verdict = [1009, "HAWSER_MESSAGE_TOO_BIG"];
const noise = randomBytes(2 * MiB);
const exact = deflated(noise.subarray(0, MiB));
const overExact = deflated(noise.subarray(0, MiB + 1));

const rows: readonly [title: string, verdict: Verdict, frames: Frames][] = [
  [
    "§6.1 RSV1 on a continuation",
    rsv,
    [
      [text, "f2", started],
      [continuation, "48", compressed],
    ],
  ],
  [
    "§6.1 RSV1 on a continuation of a plain message",
    rsv,
    [
      [text, "a", { fin: false }],
      [continuation, "b", compressed],
    ],
  ],
  ["§6.1 RSV1 on a ping", rsv, [[ping, "", compressed]]],
  ["§6.1 RSV1 on a pong", rsv, [[pong, "", compressed]]],
  ["§6.1 RSV1 on a Close", rsv, [[close, hex("03e8"), compressed]]],
  ["§6 RSV2 beside RSV1", rsv, [[text, hex("f248cdc9c90700"), { rsv: 6 }]]],
  ["§6 RSV3 alone", rsv, [[text, "x", { rsv: 1 }]]],
  ["§7.2.2 a payload of no bytes", corrupt, [[text, "", compressed]]],
  ["§7.2.2 a reserved block type", corrupt, [[text, hex("07"), compressed]]],
  ["§7.2.2 text that was never compressed", corrupt, [[text, "Hello, uncompressed", compressed]]],
  ["§7.2.2 noise", corrupt, [[binary, Buffer.alloc(3_000, hex("ef8c1d")), compressed]]],
  [
    "§7.2.2 a stored block whose lengths don't match",
    corrupt,
    [[binary, hex("0005000000 48656c6c6f 00"), compressed]],
  ],
  ["§7.2.2 a distance to before the beginning", corrupt, [[text, hex("f200110000"), compressed]]],
  [
    "§7.2.2 a message that ends inside a block",
    corrupt,
    [[binary, cut(deflated(noise.subarray(0, 2_000))), compressed]],
  ],
  [
    "§7.2.2 a large one that ends inside a block",
    corrupt,
    [[binary, cut(deflated(noise.subarray(0, 500_000))), compressed]],
  ],
  [
    "§7.2.2 a large one broken near its end",
    corrupt,
    [[binary, Buffer.concat([deflated("x".repeat(900_000)), hex("07")]), compressed]],
  ],
  [
    "§7.2.2 with its tail, which is to be left out",
    corrupt,
    [[text, hex("f248cdc9c907000000ffff"), compressed]],
  ],
  [
    "§7.2.2 broken in the second fragment",
    corrupt,
    [
      [text, hex("f248cd"), started],
      [continuation, hex("ffffff")],
    ],
  ],
  ["§8.1 bad UTF-8 in compressed text", utf8, [[text, deflated(badText(10)), compressed]]],
  [
    "§8.1 bad UTF-8 in large compressed text",
    utf8,
    [[text, deflated(badText(300_000)), compressed]],
  ],
  [
    "§8.1 a character cut off at the end of compressed text",
    utf8,
    [[text, deflated(hex("f09f98")), compressed]],
  ],
  [
    "§8.1 a surrogate in compressed fragments",
    utf8,
    [
      [text, deflated(hex("eda080")).subarray(0, 2), started],
      [continuation, deflated(hex("eda080")).subarray(2)],
    ],
  ],
  ["§8 1 MB that is 1 GB, in one frame", tooBig, [[binary, gigabyte, compressed]]],
  ["§8 1 MB that is 1 GB, as text", tooBig, [[text, gigabyte, compressed]]],
  [
    "§8 1 KB that is 1 MiB and one byte",
    tooBig,
    [[text, deflated(Buffer.alloc(MiB + 1)), compressed]],
  ],
  ["§8 noise of 1 MiB and one byte", tooBig, [[binary, overExact, compressed]]],
  [
    "§10.4 a header of more than an eighth over the limit",
    tooBig,
    [[binary, "", { ...compressed, declared: MiB + MiB / 8 + 65 }]],
  ],
  ["§10.4 a plain message of one byte over it", tooBig, [[binary, "", { declared: MiB + 1 }]]],
];

for (const kind of victimKinds) {
  for (const mode of ["shared", "dedicated"] as const) {
    describe(`permessage-deflate against a ${kind}, ${mode}`, () => {
      const masked = kind !== "client";
      const agreed = kind === "client" && mode === "shared" ? "; server_no_context_takeover" : "";
      let victim: Victim;
      before(async () => {
        const options = {
          maxMessageBytes: MiB,
          maxQueuedBytes: 64 * MiB,
          closeTimeoutMs: 500,
          compression: { mode },
        };
        victim = await Victim.start(kind, options, `permessage-deflate${agreed}`);
        // Once around: threads and kept streams belong to the base.
        const peer = await victim.open();
        peer.write(compressedFrame("x".repeat(200_000), { masked }));
        await peer.readFrame();
        peer.write(closeFrame(1000, "", { masked }));
        await peer.readClose();
        await peer.finish();
        await victim.log.waitFor("close");
        victim.target.rebase();
        victim.log.clear();
      });
      afterEach(() => victim.check());
      after(() => victim.close());

      for (const [title, [closeCode, code], frames] of rows) {
        it(`${title}: ${closeCode}`, async () => {
          const peer = await victim.open();
          for (const [opcode, payload, options] of frames) {
            peer.write(frame(opcode, payload, { masked, ...options }));
          }
          await victim.hasFailed(peer, closeCode, code);
          assert.equal(victim.log.count("message"), 0);
        });
      }

      for (const size of [200, 16 * KiB]) {
        it(`§8 1 MB that is 1 GB, in fragments of ${size} bytes: 1009`, async () => {
          const peer = await victim.open();
          peer.write(fragments(binary, gigabyte, size, { masked }));
          await victim.hasFailed(peer, 1009, "HAWSER_MESSAGE_TOO_BIG");
        });
      }

      it("§8 the limit is exact on the content: noise of exactly 1 MiB, larger on the wire, arrives", async () => {
        assert.ok(exact.length > MiB);
        const peer = await victim.open();
        peer.write(frame(binary, exact, { masked, ...compressed }));
        peer.write(fragments(binary, exact, 100_000, { masked }));
        for (let i = 0; i < 2; i++) await victim.log.waitFor("message", i + 1);
        for (const [message] of victim.log.all("message")) {
          assert.ok(noise.subarray(0, MiB).equals(message as Buffer));
        }
      });

      it("a compressed message of one byte a fragment, and one byte a write", async () => {
        const content = Array.from({ length: 3_000 }, (_, i) => i).join();
        const peer = await victim.open();
        const input = fragments(text, deflated(content), 1, { masked });
        peer.write(input);
        assert.deepEqual(await victim.log.waitFor("message"), [content]);
        const short = fragments(text, deflated(content.slice(0, 300)), 1, { masked });
        await peer.writeByteByByte(short);
        assert.deepEqual(await victim.log.waitFor("message", 2), [content.slice(0, 300)]);
      });

      it("100,000 empty compressed messages are delivered, and nothing is kept of them", async () => {
        const count = 100_000;
        const peer = await victim.open();
        peer.socket.resume();
        const one = frame(text, hex("00"), { masked, ...compressed });
        const many = Buffer.alloc(one.length * 1_000, one);
        const { log } = victim;
        const add = log.add.bind(log);
        let delivered = 0;
        log.add = (name, ...values) => {
          if (name !== "message") return add(name, ...values);
          assert.equal(values[0], "");
          if (++delivered === count) add("all");
        };
        try {
          for (let i = 0; i < count / 1_000; i++) peer.write(many);
          await log.waitFor("all", 1, 30_000);
        } finally {
          log.add = add;
        }
      });

      for (const [title, end] of [
        ["terminate()", () => victim.connection.terminate()],
        ["a reset", (peer: RawPeer) => peer.reset()],
        [
          "close(), which the peer does not answer",
          (peer: RawPeer) => {
            victim.connection.close();
            peer.destroy();
          },
        ],
        [
          "a violation behind it",
          (peer: RawPeer) => {
            peer.write(frame(3, "", { masked }));
          },
        ],
        ["FIN", (peer: RawPeer) => peer.socket.end()],
      ] as [string, (peer: RawPeer) => void][]) {
        it(`${title} while inflating: one close, no late event, nothing left`, async () => {
          const peer = await victim.open();
          const { log } = victim;
          for (let i = 0; i < 3; i++) {
            peer.write(compressedFrame(Buffer.alloc(MiB), { masked }));
          }
          while (victim.connection.stats.bytesReceived === 0) await turn();
          end(peer);
          await log.waitFor("close");
          const { names } = log;
          assert.equal(names.at(-1), "close");
          assert.equal(log.count("close"), 1);
          for (let i = 0; i < 100; i++) await turn();
          assert.deepEqual(log.names, names);
        });
      }

      it("§8 fifty connections with a bomb at once: 1009 for each, and who is beside is answered meanwhile", async () => {
        const peers: RawPeer[] = [];
        while (peers.length < 50) peers.push(await victim.open());
        const bytes = frame(binary, gigabyte, { masked, ...compressed });
        const state = { left: peers.length, slowest: 0 };
        const bombing = peers.map(async (peer) => {
          peer.write(bytes);
          assert.equal((await peer.readClose()).code, 1009);
          peer.socket.end();
          state.left--;
        });
        while (state.left > 0) {
          const asked = performance.now();
          await victim.target.askBeside();
          state.slowest = Math.max(state.slowest, performance.now() - asked);
        }
        await Promise.all(bombing);
        await victim.log.waitFor("close", peers.length);
        assert.equal(victim.log.count("message"), 0);
        assert.ok(state.slowest < 1_000, `${state.slowest} ms`);
      });
    });
  }
}

describe("§6 RSV1 where nothing was agreed on: 1002", () => {
  for (const kind of victimKinds) {
    it(`a ${kind} that would have, and one that never does`, async () => {
      for (const compression of [true, false]) {
        const victim = await Victim.start(kind, { compression });
        const peer = await victim.open();
        peer.write(compressedFrame("Hello", { masked: kind !== "client" }));
        await victim.hasFailed(peer, ...rsv);
        await victim.check();
        await victim.close();
      }
    });
  }
});
