// `send`: every kind of data and option, the frames that result, callbacks and their order, and what happens
// in each state.

import { closeFrame } from "../../support/frame.ts";
import { differential, type Play, type Script, script } from "./runner.ts";
import { shapeOf } from "./shape.ts";
import { type Role, roles } from "./stage.ts";
import type { ErrorCallback, Loose, WebSocket } from "./subjects.ts";

/** `send` with any arguments. */
function send(ws: WebSocket, ...values: unknown[]): void {
  (ws.send as (...values: unknown[]) => void).apply(ws, values);
}

function sharedBytes(): Uint8Array {
  const shared = new SharedArrayBuffer(3);
  return new Uint8Array(shared).fill(7);
}

const kinds: [string, () => unknown][] = [
  ["a string", () => "hello"],
  ["a string beyond ASCII", () => "größe 😀"],
  ["a lone surrogate", () => "a\ud800b"],
  ["an empty string", () => ""],
  ["a number", () => 12.5],
  ["zero", () => 0],
  ["NaN", () => Number.NaN],
  ["a Buffer", () => Buffer.from("bytes")],
  ["an empty Buffer", () => Buffer.alloc(0)],
  ["a Buffer in a larger one", () => Buffer.from("0123456789").subarray(2, 5)],
  ["an ArrayBuffer", () => new Uint8Array([1, 2, 3]).buffer],
  ["an empty ArrayBuffer", () => new ArrayBuffer(0)],
  ["a SharedArrayBuffer", () => sharedBytes().buffer],
  ["a view of a SharedArrayBuffer", () => sharedBytes()],
  ["a Uint8Array", () => new Uint8Array([1, 2, 3])],
  ["a Uint8Array in a larger one", () => new Uint8Array([0, 1, 2, 3]).subarray(1, 3)],
  ["a Uint16Array", () => new Uint16Array([1, 256])],
  ["a Float32Array", () => new Float32Array([1.5, -1])],
  ["a Float64Array with an offset", () => new Float64Array([1, 2, 3]).subarray(1)],
  ["a DataView", () => new DataView(new Uint8Array([0, 1, 2, 3]).buffer, 1, 2)],
  ["a BigInt64Array", () => new BigInt64Array([5n])],
  ["a Blob", () => new Blob(["blob"])],
  ["an empty Blob", () => new Blob([])],
  ["a Blob of several parts", () => new Blob(["a", new Uint8Array([1]), new Blob(["c"])])],
  ["an array of numbers", () => [1, 2, 300]],
  ["an empty array", () => []],
  ["an array of strings", () => ["1", "x"]],
  ["undefined", () => undefined],
  ["null", () => null],
  ["true", () => true],
  ["false", () => false],
  ["an object", () => ({ a: 1 })],
  ["an object with length", () => ({ length: 2, 0: 5, 1: 6 })],
  ["an object of type Buffer", () => ({ type: "Buffer", data: [1, 2] })],
  ["an object with valueOf", () => ({ valueOf: () => "value" })],
  ["an object with toString", () => ({ toString: () => "text" })],
  ["a String object", () => Object("wrapped")],
  ["a Number object", () => Object(5)],
  ["a Date", () => new Date(0)],
  ["a function", () => () => 1],
  ["a symbol", () => Symbol("s")],
  ["a bigint", () => 5n],
  ["a Map", () => new Map()],
  ["a promise", () => Promise.resolve("x")],
];

/** Sends once, then a marker, and waits for the marker. */
async function sendOnce(play: Play, role: Role, ...values: unknown[]): Promise<void> {
  const { stage, log } = play;
  const { ws } = await stage.scene(role);
  log.attempt("send", () => send(ws, ...values));
  ws.ping("marker");
  await log.until("wire", "ping");
  if (values[0] instanceof Blob) await log.until("wire", "binary");
}

const optionSets: Loose[] = [
  {},
  { binary: true },
  { binary: false },
  { binary: undefined },
  { fin: false },
  { fin: true },
  { compress: true },
  { compress: false },
  { mask: true },
  { mask: false },
  { mask: undefined },
  { binary: 1 },
  { unknown: 1, opcode: 3, rsv1: true, readOnly: true },
];

const optionScripts: Script[] = roles.flatMap((role) =>
  optionSets.flatMap((options) =>
    ["text", Buffer.from("bytes")].map((data) =>
      script(`${role}: ${shapeOf(data)} with ${shapeOf(options)}`, (play) =>
        sendOnce(play, role, data, options),
      ),
    ),
  ),
);

const sizes = [0, 1, 4, 5, 124, 125, 126, 127, 1023, 1024, 65_534, 65_535, 65_536, 200_000];

const fragmented: [string, [unknown, Loose][]][] = [
  [
    "two",
    [
      ["a", { fin: false }],
      ["b", { fin: true }],
    ],
  ],
  [
    "three with other flags",
    [
      ["a", { fin: false }],
      [Buffer.from("b"), { fin: false, binary: true }],
      ["c", {}],
    ],
  ],
  [
    "binary first",
    [
      ["a", { fin: false, binary: true }],
      ["b", { fin: true, binary: false }],
    ],
  ],
  [
    "empty ones",
    [
      ["", { fin: false }],
      ["", { fin: true }],
    ],
  ],
  [
    "never final",
    [
      ["a", { fin: false }],
      ["b", { fin: false }],
    ],
  ],
  [
    "two messages",
    [
      ["a", { fin: false }],
      ["b", {}],
      ["c", { fin: false }],
      ["d", {}],
    ],
  ],
  [
    "a Blob between",
    [
      ["a", { fin: false }],
      [new Blob(["b"]), { fin: false }],
      ["c", {}],
    ],
  ],
];

/** Brings a connection into a state in which it is no longer open. */
const endings: [string, (ws: WebSocket) => void, string | undefined][] = [
  ["after close()", (ws) => ws.close(), undefined],
  ["after terminate()", (ws) => ws.terminate(), undefined],
  ["when closed", (ws) => ws.terminate(), "close"],
];

differential("sending", [
  ...kinds.map(([title, make]) =>
    script(`client: ${title}`, (play) => sendOnce(play, "client", make())),
  ),
  ...kinds.map(([title, make]) =>
    script(`server: ${title}`, (play) => sendOnce(play, "server", make())),
  ),
  ...optionScripts,
  ...roles.flatMap((role) =>
    sizes.map((size) =>
      script(`${role}: ${size} bytes`, async (play) => {
        const { ws } = await play.stage.scene(role);
        ws.send(Buffer.alloc(size, "0123456789"));
        ws.send("x".repeat(size));
        await play.log.until("wire", "text");
      }),
    ),
  ),
  ...roles.flatMap((role) =>
    fragmented.map(([title, parts]) =>
      script(`${role}: fragments: ${title}`, async ({ stage, log }) => {
        const { ws } = await stage.scene(role);
        for (const [data, options] of parts) send(ws, data, options);
        ws.ping("marker");
        await log.until("wire", "ping");
        const all = (): number => log.count("wire", "text") + log.count("wire", "binary");
        log.note("first frames", all());
        await log.until("wire", "continuation");
      }),
    ),
  ),
  ...roles.map((role) =>
    script(`${role}: callbacks come in order`, async ({ stage, log }) => {
      const { ws } = await stage.scene(role);
      ws.send("one", (...values) => log.note("one", ...values));
      ws.send("two", {}, (...values) => log.note("two", ...values));
      ws.send(Buffer.alloc(100_000), { binary: true }, (...values) => log.note("big", ...values));
      send(ws, "three", undefined, (...values: unknown[]) => log.note("three", ...values));
      ws.ping("p", undefined, (...values) => log.note("ping", ...values));
      log.note("sent");
      await log.until("script", "ping");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: a callback is not called at once`, async ({ stage, log }) => {
      const { ws } = await stage.scene(role);
      ws.send("x", () => log.note("called"));
      log.note("sent");
      queueMicrotask(() => log.note("microtask"));
      await log.until("script", "called");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: Blobs and others keep their order`, async ({ stage, log }) => {
      const { ws } = await stage.scene(role);
      const tell =
        (name: string): ErrorCallback =>
        (error) =>
          log.note(name, error);
      send(ws, new Blob(["first"]), tell("first"));
      send(ws, "second", tell("second"));
      ws.ping("third", undefined, tell("third"));
      send(ws, new Blob(["fourth"]), { binary: false }, tell("fourth"));
      ws.pong("fifth", undefined, tell("fifth"));
      log.note("buffered", ws.bufferedAmount);
      ws.close(1000, "sixth");
      await log.until("wire", "close");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: a Blob that can't be read`, async ({ stage, log }) => {
      const { ws } = await stage.scene(role);
      const blob = new Blob(["x"]);
      Object.assign(blob, { arrayBuffer: () => Promise.reject(new Error("unreadable")) });
      send(ws, blob, (error: unknown) => log.note("callback", error));
      await log.until("ws", "error");
      await log.until("wire", "end");
      log.note("state", ws.readyState);
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: terminate() while a Blob is read`, async ({ stage, log }) => {
      const { ws } = await stage.scene(role);
      send(ws, new Blob(["x"]), (error: unknown) => log.note("blob", error));
      send(ws, "behind", (error: unknown) => log.note("text", error));
      ws.terminate();
      await log.until("ws", "close");
      await log.until("script", "text");
    }),
  ),
  ...roles.flatMap((role) =>
    endings.flatMap(([title, end, until]) =>
      ["text", Buffer.from("bytes"), undefined, 5, new Blob(["blob"])].map((data) =>
        script(`${role}: ${shapeOf(data)} ${title}`, async ({ stage, log }) => {
          const { ws } = await stage.scene(role);
          end(ws);
          if (until !== undefined) await log.until("ws", until);
          const before = ws.bufferedAmount;
          log.attempt("send", () => send(ws, data));
          log.attempt("send", () =>
            send(ws, data, (error: unknown) => log.note("callback", error)),
          );
          log.attempt("send", () =>
            send(ws, data, {}, (error: unknown) => log.note("callback", error)),
          );
          log.note("buffered", ws.bufferedAmount - before);
          process.nextTick(() => log.note("next tick"));
          await log.until("script", "callback", 2);
        }),
      ),
    ),
  ),
  ...roles.map((role) =>
    script(`${role}: send when the peer has begun to close`, async ({ stage, log }) => {
      const { ws, peer } = await stage.scene(role);
      ws.on("close", () => log.note("closed"));
      peer.write(closeFrame(1000, "", { masked: role === "server" }));
      await log.until("wire", "close");
      send(ws, "late", (error: unknown) => log.note("callback", error));
      await log.until("script", "callback");
      peer.socket.end();
      await log.until("ws", "close");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: data is not changed by masking`, async ({ stage, log }) => {
      const { ws } = await stage.scene(role);
      const small = Buffer.from("unchanged");
      const large = Buffer.alloc(100_000, "abc");
      send(ws, small);
      send(ws, large);
      log.note("data", small, large);
      await log.until("wire", "binary", 2);
    }),
  ),
  script("client: masking keys differ and mask the payload", async ({ stage, log }) => {
    const { ws, peer } = await stage.asClient({}, { isSilent: true });
    ws.send("same");
    ws.send("same");
    const [first, second] = [await peer.readFrame(), await peer.readFrame()];
    log.note("masked", first.isMasked, second.isMasked, first.payload, second.payload);
    log.note("differ", first.maskingKey?.equals(second.maskingKey ?? Buffer.alloc(0)));
  }),
  ...(["fixed", "zero", "asked"] as const).map((how) =>
    script(`client: generateMask ${how}`, async ({ stage, log }) => {
      const generateMask = (mask: Buffer): void => {
        log.note("asked", mask.constructor.name, mask.length);
        mask.fill(how === "zero" ? 0 : 0x5a);
      };
      const { ws, peer } = await stage.asClient({ generateMask }, { isSilent: true });
      ws.send("text");
      ws.send(Buffer.alloc(300, 1));
      ws.ping("p");
      ws.close(1000);
      for (let i = 0; i < 4; i++) {
        const { payload, maskingKey, isMasked } = await peer.readFrame();
        log.note("frame", payload, maskingKey, isMasked);
      }
    }),
  ),
  script("server: mask: true masks", async ({ stage, log }) => {
    const { ws, peer } = await stage.asServer({}, { isSilent: true });
    send(ws, "text", { mask: true });
    const { payload, isMasked } = await peer.readFrame();
    log.note("frame", payload, isMasked);
  }),
  ...roles.map((role) =>
    script(`${role}: send() without arguments`, (play) => sendOnce(play, role)),
  ),
  ...roles.map((role) =>
    script(`${role}: send(callback) alone`, (play) =>
      sendOnce(play, role, "x", (error: unknown) => play.log.note("callback", error)),
    ),
  ),
  ...roles.flatMap((role) =>
    [10, 4_000, 4_090, 5_000, 16_384, 60_000].map((size) =>
      script(`${role}: ${size} bytes that are changed behind send()`, async ({ stage, log }) => {
        const { ws, write } = await stage.scene(role);
        const data = Buffer.alloc(size);
        const sendTwice = (): void => {
          for (const letter of "ab") {
            data.fill(letter);
            ws.send(data);
          }
          data.fill("z");
        };
        sendTwice();
        await log.until("wire", "binary", 2);
        ws.on("message", sendTwice);
        write(1, "one");
        write(1, "two");
        await log.until("wire", "binary", 6);
      }),
    ),
  ),
  ...roles.map((role) =>
    script(`${role}: what is like a Blob is sent as one`, async ({ stage, log }) => {
      const { ws } = await stage.scene(role);
      const like = (name: string): object => ({
        get [Symbol.toStringTag]() {
          return name;
        },
        size: 4,
        type: "",
        stream: () => undefined,
        arrayBuffer: () => Promise.resolve(Uint8Array.from(Buffer.from("like")).buffer),
      });
      ws.send(new File(["file"], "name") as never);
      ws.send(like("Blob") as never);
      ws.send(like("File") as never);
      log.attempt("other", () => ws.send(like("Blobby") as never));
      log.note("waiting", ws.bufferedAmount);
      await log.until("wire", "binary", 3);
    }),
  ),
]);
