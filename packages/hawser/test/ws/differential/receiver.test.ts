// `Receiver` by itself: bytes are written into it, and its events are written down. Its options, its faults,
// and how it holds back.

import { constants, deflateRawSync } from "node:zlib";
import { once } from "node:events";
import { turn } from "../../support/deferred.ts";
import { closeFrame, frame, hex } from "../../support/frame.ts";
import { differential, type Play, type Script, script } from "./runner.ts";
import { shapeOf } from "./shape.ts";
import type { Loose, Receiver } from "./subjects.ts";
import { watchEvents } from "./watch.ts";

const events = ["message", "ping", "pong", "conclude", "error", "close", "finish", "drain"];

/** A receiver whose events are on the track "receiver". */
function receiver({ subject, log }: Play, options?: Loose): Receiver {
  const one = options === undefined ? new subject.Receiver() : new subject.Receiver(options);
  watchEvents(log, one, "receiver", events);
  return one;
}

/** Writes the chunks one after the other, and lets everything happen. */
async function feed(play: Play, one: Receiver, chunks: readonly Uint8Array[]): Promise<void> {
  for (const chunk of chunks) {
    one.write(Buffer.from(chunk), (error) => play.log.note("written", error));
  }
  for (let i = 0; i < 6; i++) await turn();
}

const plain = { masked: false };

function pieces(bytes: Buffer, size: number): Buffer[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

const inputs: [string, Loose | undefined, Uint8Array[]][] = [
  ["an unmasked text", undefined, [frame(1, "Hello", plain)]],
  ["a masked text", { isServer: true }, [hex("8185 37fa213d 7f9f4d5158")]],
  ["an empty text", undefined, [frame(1, "", plain)]],
  ["a binary", undefined, [frame(2, "bytes", plain)]],
  ["126 bytes", undefined, [frame(2, Buffer.alloc(126, "x"), plain)]],
  ["65536 bytes", undefined, [frame(2, Buffer.alloc(65_536, "x"), plain)]],
  ["a ping", undefined, [frame(9, "ping", plain)]],
  ["a pong", undefined, [frame(10, "pong", plain)]],
  ["a Close frame", undefined, [closeFrame(undefined, "", plain)]],
  ["a Close frame with code and reason", undefined, [closeFrame(1001, "why", plain)]],
  ["fragments", undefined, [frame(1, "a", { ...plain, fin: false }), frame(0, "b", plain)]],
  [
    "fragments with a ping between",
    undefined,
    [frame(1, "a", { ...plain, fin: false }), frame(9, "p", plain), frame(0, "b", plain)],
  ],
  [
    "two frames in a chunk",
    undefined,
    [Buffer.concat([frame(1, "a", plain), frame(1, "b", plain)])],
  ],
  [
    "a frame in two chunks",
    undefined,
    [frame(1, "hello", plain).subarray(0, 3), frame(1, "hello", plain).subarray(3)],
  ],
  [
    "a chunk behind a Close frame",
    undefined,
    [closeFrame(1000, "", plain), frame(1, "late", plain)],
  ],
  ["binaryType arraybuffer", { binaryType: "arraybuffer" }, [frame(2, "ab", plain)]],
  [
    "binaryType fragments",
    { binaryType: "fragments" },
    [frame(2, "a", { ...plain, fin: false }), frame(0, "b", plain)],
  ],
  ["binaryType blob", { binaryType: "blob" }, [frame(2, "ab", plain)]],
  ["maxPayload", { maxPayload: 5 }, [frame(1, "12345", plain), frame(1, "123456", plain)]],
  [
    "maxFragments",
    { maxFragments: 2 },
    ["a", "b", "c"].map((text, i) => frame(i === 0 ? 1 : 0, text, { ...plain, fin: false })),
  ],
  [
    "maxBufferedChunks",
    { maxBufferedChunks: 3 },
    Array.from(frame(1, "hello", plain), (_, i) => frame(1, "hello", plain).subarray(i, i + 1)),
  ],
  ["an invalid opcode", undefined, [frame(5, "", plain)]],
  ["RSV1", undefined, [frame(1, "", { ...plain, rsv: 4 })]],
  ["RSV2", undefined, [frame(1, "", { ...plain, rsv: 2 })]],
  ["a masked frame for a client", undefined, [frame(1, "x")]],
  ["an unmasked frame for a server", { isServer: true }, [frame(1, "x", plain)]],
  ["no FIN on a control frame", undefined, [frame(9, "", { ...plain, fin: false })]],
  ["a control frame of 126 bytes", undefined, [frame(9, "x".repeat(126), plain)]],
  ["a Close frame of 1 byte", undefined, [frame(8, "x", plain)]],
  ["an invalid close code", undefined, [closeFrame(1005, "", plain)]],
  ["a length over 2^53", undefined, [frame(1, "", { ...plain, declared: 2n ** 60n })]],
  [
    "text that is no UTF-8",
    undefined,
    [frame(1, hex("ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80"), plain)],
  ],
  ["a reason that is no UTF-8", undefined, [closeFrame(1000, hex("ff"), plain)]],
  [
    "text that is no UTF-8, not validated",
    { skipUTF8Validation: true },
    [frame(1, hex("ff"), plain)],
  ],
  [
    "a fault between messages",
    undefined,
    [frame(1, "a", plain), frame(3, "", plain), frame(1, "b", plain)],
  ],
  [
    "messages, synchronous",
    { allowSynchronousEvents: true },
    [Buffer.concat([1, 2, 3].map((n) => frame(1, `${n}`, plain)))],
  ],
  [
    "messages, not synchronous",
    { allowSynchronousEvents: false },
    [Buffer.concat([1, 2, 3].map((n) => frame(1, `${n}`, plain)))],
  ],
];

const inputScripts: Script[] = inputs.map(([title, options, chunks]) =>
  script(title, (play) => feed(play, receiver(play, options), chunks)),
);

differential("Receiver", [
  ...inputScripts,
  script("events are emitted during write() when they are synchronous", ({ subject, log }) => {
    for (const allowSynchronousEvents of [true, undefined, false]) {
      const one = new subject.Receiver({ allowSynchronousEvents });
      one.on("message", () => log.note("message"));
      one.write(frame(1, "x", plain));
      log.note("after write", shapeOf(allowSynchronousEvents));
    }
  }),
  script("the arguments of conclude", async (play) => {
    const one = receiver(play);
    await feed(play, one, [closeFrame(4000, "größe", plain)]);
  }),
  script("compressed messages", async (play) => {
    const { subject } = play;
    const perMessageDeflate = new subject.PerMessageDeflate({ isServer: false });
    perMessageDeflate.accept([{}]);
    const one = receiver(play, { extensions: { "permessage-deflate": perMessageDeflate } });
    const bytes = deflateRawSync("hello", { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    await Promise.all([
      once(one, "ping"),
      feed(play, one, [
        frame(1, bytes, { ...plain, rsv: 4 }),
        frame(1, "plain", plain),
        frame(9, "", plain),
      ]),
    ]);
  }),
  script("compressed, and too large", async (play) => {
    const { subject } = play;
    const perMessageDeflate = new subject.PerMessageDeflate({ isServer: false, maxPayload: 25 });
    perMessageDeflate.accept([{}]);
    const extensions = { "permessage-deflate": perMessageDeflate };
    const one = receiver(play, { extensions, maxPayload: 25 });
    const whole = deflateRawSync("x".repeat(100), { finishFlush: constants.Z_SYNC_FLUSH });
    one.write(frame(1, whole.subarray(0, -4), { ...plain, rsv: 4 }));
    await play.log.until("receiver", "error");
    for (let i = 0; i < 4; i++) await turn();
  }),
  script("write() tells when to wait", async (play) => {
    const one = receiver(play, { allowSynchronousEvents: false });
    play.log.note("mark", one.writableHighWaterMark, one.writableObjectMode);
    play.log.note("small", one.write(frame(1, "a", plain)));
    play.log.note("large", one.write(frame(1, "x".repeat(20_000), plain)));
    for (let i = 0; i < 6; i++) await turn();
  }),
  script("end() finishes", async (play) => {
    const one = receiver(play);
    one.write(frame(1, "half", plain).subarray(0, 3));
    one.end();
    await play.log.until("receiver", "close");
  }),
  script("maxBufferedChunks: the payload in pieces", async (play) => {
    const one = receiver(play, { maxBufferedChunks: 2 });
    const bytes = frame(2, "0123456789", plain);
    await feed(play, one, [bytes.subarray(0, 2), ...pieces(bytes.subarray(2), 3)]);
  }),
  script("maxBufferedChunks: counted for each frame", async (play) => {
    const one = receiver(play, { maxBufferedChunks: 3 });
    const bytes = frame(2, "0123", plain);
    const chunks = [bytes.subarray(0, 3), ...pieces(bytes.subarray(3), 1)];
    await feed(play, one, [...chunks, ...chunks, Buffer.concat([bytes, bytes]), ...chunks]);
  }),
  script("maxBufferedChunks: a header in pieces", async (play) => {
    const one = receiver(play, { maxBufferedChunks: 2 });
    const bytes = frame(2, Buffer.alloc(200), plain);
    await feed(play, one, [...pieces(bytes.subarray(0, 4), 1), bytes.subarray(4)]);
  }),
  script("a listener that throws", async (play) => {
    const one = receiver(play);
    one.prependOnceListener("message", () => {
      throw new Error("oops");
    });
    const two = Buffer.concat([frame(1, "a", plain), frame(1, "b", plain)]);
    play.log.attempt("write", () => one.write(two));
    for (let i = 0; i < 4; i++) await turn();
  }),
  script("an error destroys it", async (play) => {
    const one = receiver(play);
    one.write(frame(3, "", plain));
    await play.log.until("receiver", "close");
    play.log.note("state", one.destroyed, one.writable);
    one.write(frame(1, "x", plain));
    for (let i = 0; i < 4; i++) await turn();
  }),
]);
