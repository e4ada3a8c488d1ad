// `Sender` by itself, on a stream that keeps what is written: the frames of each kind of call, the static
// `frame`, order behind compression, and errors.

import { Duplex } from "node:stream";
import { turn } from "../../support/deferred.ts";
import { parseFrame } from "../../support/frame.ts";
import { differential, type Play, type Script, script } from "./runner.ts";
import { shapeOf } from "./shape.ts";
import type { Loose, Sender } from "./subjects.ts";

interface Line {
  readonly sender: Sender;
  /** Writes down every frame that has been written so far. */
  frames(): void;
}

/** A sender on a stream that takes everything at once. */
function senderOn(
  { subject, log }: Play,
  extensions?: unknown,
  generateMask?: (mask: Buffer) => void,
): Line {
  let written = Buffer.alloc(0);
  const socket = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _, done) {
      written = Buffer.concat([written, chunk]);
      done();
    },
  });
  const sender = new subject.Sender(socket, extensions, generateMask);
  return {
    sender,
    frames() {
      for (;;) {
        const parsed = parseFrame(written);
        if (parsed === undefined) break;
        const { opcode, fin, rsv, isMasked, payload } = parsed.frame;
        log.note("frame", opcode, fin, rsv, isMasked, payload);
        written = written.subarray(parsed.size);
      }
      log.note("rest", written.length);
    },
  };
}

/** A sender on something that is hardly a stream: what `write` gets is written down as it is. */
function senderOnParts(
  { subject, log }: Play,
  accepted?: Loose,
  options: Loose = {},
): { sender: Sender; socket: Loose } {
  const socket: Loose = {
    cork: () => undefined,
    uncork: () => undefined,
    write(part: unknown, ...rest: unknown[]) {
      log.note("write", part);
      const done = rest.at(-1);
      if (typeof done === "function") (done as () => void)();
    },
  };
  const perMessageDeflate = new subject.PerMessageDeflate(options);
  if (accepted !== undefined) perMessageDeflate.accept([structuredClone(accepted)]);
  const extensions = accepted && { "permessage-deflate": perMessageDeflate };
  return { sender: new subject.Sender(socket as unknown as Duplex, extensions), socket };
}

/** The parts of a message, each with the threshold at which its first decides for all. */
const fragmented: [title: string, threshold: number, first: unknown, last: unknown][] = [
  ["both", 3, "123", "12"],
  ["neither", 3, "12", "123"],
  ["an empty one first", 0, Buffer.alloc(0), "data"],
  ["an empty one last", 0, "data", Buffer.alloc(0)],
];

const base = { binary: false, compress: false, fin: true, mask: false };

const sends: [string, unknown, Loose][] = [
  ["text", "hi", base],
  ["text, masked", "hi", { ...base, mask: true }],
  ["binary", Buffer.from("hi"), { ...base, binary: true }],
  ["not final", "hi", { ...base, fin: false }],
  ["an ArrayBuffer", new Uint8Array([1, 2]).buffer, { ...base, binary: true }],
  ["a view", new Uint16Array([1]), { ...base, binary: true }],
  ["an array", [1, 2], { ...base, binary: true }],
  ["a Blob", new Blob(["blob"]), { ...base, binary: true }],
  ["126 bytes", "x".repeat(126), base],
  ["65536 bytes", "x".repeat(65_536), base],
];

const frameOptions: Loose[] = [
  { fin: true, opcode: 1, mask: false, readOnly: false, rsv1: false },
  { fin: false, opcode: 2, mask: false, readOnly: false, rsv1: false },
  { fin: true, opcode: 1, mask: false, readOnly: true, rsv1: true },
  { fin: true, opcode: 9, mask: true, readOnly: false, rsv1: false },
  { fin: true, opcode: 1, mask: true, readOnly: true, rsv1: false },
];

const frameScripts: Script[] = frameOptions.flatMap((options) =>
  [0, 2, 126, 65_536].map((size) =>
    script(`Sender.frame of ${size} bytes with ${shapeOf(options)}`, ({ subject, log }) => {
      const data = Buffer.alloc(size, "abc");
      const before = Buffer.from(data);
      const parts = subject.Sender.frame(data, options);
      const whole = Buffer.concat(parts);
      const parsed = parseFrame(whole);
      log.note(
        "parts",
        parts.length,
        parts.map((part) => part.length),
      );
      log.note("frame", parsed?.frame.opcode, parsed?.frame.fin, parsed?.frame.rsv);
      log.note("payload", parsed?.frame.isMasked, parsed?.frame.payload);
      if (options["mask"] === false) log.note("bytes", whole);
      if (options["readOnly"] === true) log.note("untouched", data.equals(before));
      if (options["mask"] === false) log.note("same memory", parts.at(-1) === data);
    }),
  ),
);

/** The extension, agreed on, as a sender takes it. */
function agreed({ subject }: Play, options: Loose = {}): { "permessage-deflate": unknown } {
  const perMessageDeflate = new subject.PerMessageDeflate({ threshold: 0, ...options });
  perMessageDeflate.accept([{}]);
  return { "permessage-deflate": perMessageDeflate };
}

differential("Sender", [
  ...sends.map(([title, data, options]) =>
    script(`send: ${title}`, async (play) => {
      const line = senderOn(play);
      play.log.attempt("send", () =>
        line.sender.send(data, options, (error) => play.log.note("callback", error)),
      );
      await play.log.until("script", "callback");
      line.frames();
    }),
  ),
  ...frameScripts,
  ...[
    "€",
    "",
    "x".repeat(130),
    Buffer.from("hey"),
    Buffer.alloc(126),
    Buffer.alloc(70_000),
  ].flatMap((data) =>
    [{}, { mask: true }, { mask: true, readOnly: true }, { fin: false, rsv1: true }].map(
      (options) =>
        script(`Sender.frame of ${shapeOf(data)} with ${shapeOf(options)}`, (play) => {
          const generateMask = (mask: Buffer): Buffer => mask.fill(1);
          const all = { fin: true, opcode: 1, generateMask, ...options };
          const parts = play.subject.Sender.frame(
            typeof data === "string" ? data : Buffer.from(data),
            all,
          );
          play.log.note("parts", ...parts);
        }),
    ),
  ),
  ...["text", "", Buffer.from("bytes"), new Uint8Array([1, 2]), new ArrayBuffer(2), [1, 2]].flatMap(
    (data) =>
      [{}, { fin: true }, { fin: true, binary: true }, { fin: true, binary: false }].map(
        (options) =>
          script(`what is written for ${shapeOf(data)} with ${shapeOf(options)}`, (play) => {
            const { sender } = senderOnParts(play);
            sender.send(data, options, (error) => play.log.note("callback", error));
            sender.send("end", { fin: true });
          }),
      ),
  ),
  ...(["ping", "pong"] as const).map((method) =>
    script(`what is written for ${method}`, async (play) => {
      const { sender } = senderOnParts(play, {});
      sender.send("foo", { compress: true, fin: true });
      for (const data of ["hi", Buffer.from("hi"), new Uint8Array([1]), new Blob(["blob"]), ""]) {
        sender[method](data, false, () => play.log.note("callback"));
      }
      play.log.attempt("too long", () => sender[method](new Blob(["x".repeat(126)]), false));
      await play.log.until("script", "callback", 5);
    }),
  ),
  ...fragmented.flatMap(([title, threshold, first, last]) =>
    [{}, { client_no_context_takeover: [true] }].map((accepted) =>
      script(`fragments, compressed: ${title}, ${shapeOf(accepted)}`, async (play) => {
        const { sender } = senderOnParts(play, accepted, { threshold });
        sender.send(first, { compress: true, fin: false });
        sender.send(last, { compress: false, fin: true });
        sender.send("the next message", { compress: true, fin: true }, () =>
          play.log.note("callback"),
        );
        await play.log.until("script", "callback");
      }),
    ),
  ),
  script("bytes that wait are counted", async (play) => {
    const { sender } = senderOnParts(play, {});
    const note = (name: string): void => {
      const { _bufferedBytes: bytes } = sender;
      play.log.note(name, bytes);
    };
    note("none");
    sender.send("foo", { compress: true, fin: true });
    sender.ping("ping", false);
    sender.send(new Blob(["blob"]), { fin: true });
    note("waiting");
    sender.close(1000, "bye", false, () => play.log.note("callback"));
    await play.log.until("script", "callback");
    note("none");
  }),
  script("the socket has gone while something is compressed", async (play) => {
    const { sender, socket } = senderOnParts(play, {});
    sender.send("foo", { compress: true, fin: true }, (error) => play.log.note("first", error));
    sender.send("bar", { fin: true }, (error) => play.log.note("second", error));
    socket["destroyed"] = true;
    await play.log.until("script", "second");
  }),
  script("the socket has gone while a Blob is read", async (play) => {
    const { sender, socket } = senderOnParts(play);
    sender.send(new Blob(["x"]), { fin: true }, (error) => play.log.note("first", error));
    sender.ping("bar", false, (error) => play.log.note("second", error));
    socket["destroyed"] = true;
    await play.log.until("script", "second");
  }),
  script("a Blob that can't be read", async (play) => {
    const { sender } = senderOnParts(play);
    const blob = new Blob(["x"]);
    blob.arrayBuffer = () => Promise.reject(new Error("unreadable"));
    Object.assign(sender, { onerror: (error: Error) => play.log.note("onerror", error) });
    sender.send(blob, { fin: true }, (error) => play.log.note("first", error));
    sender.send("x", { fin: true }, (error) => play.log.note("second", error));
    await play.log.until("script", "onerror");
  }),
  script("sendFrame writes what it is given", (play) => {
    const { sender } = senderOnParts(play);
    const tell = (): void => play.log.note("callback");
    sender.sendFrame([Buffer.from("header"), Buffer.from("payload")], tell);
    sender.sendFrame([Buffer.from("one")], tell);
    sender.sendFrame([Buffer.from("another")]);
  }),
  script("masked: strings and arrays in two parts, what is the caller's in one", (play) => {
    const parts: unknown[] = [];
    const socket = new Duplex({ read: () => undefined });
    socket.write = (part: unknown) => parts.push(part) > 0;
    const { Sender } = play.subject;
    const sender = new Sender(socket, undefined, (mask: Buffer) => mask.fill(1));
    const data = Buffer.from("abc");
    for (const one of ["xyz", data, new Uint8Array([1]), new ArrayBuffer(2), [1, 2]]) {
      sender.send(one, { fin: true, mask: true });
    }
    play.log.note("parts", ...parts);
    play.log.note("data", data);
  }),
  script("Sender.frame with generateMask", ({ subject, log }) => {
    const generateMask = (mask: Buffer): void => {
      log.note("asked", mask.length);
      mask.fill(1);
    };
    const options = { fin: true, opcode: 1, mask: true, readOnly: true, rsv1: false, generateMask };
    log.note("bytes", Buffer.concat(subject.Sender.frame(Buffer.from("hello"), options)));
  }),
  script("Sender.frame of a Buffer that may be changed is masked in place", ({ subject, log }) => {
    const data = Buffer.from("hello");
    const options = { fin: true, opcode: 1, mask: true, readOnly: false, rsv1: false };
    const parts = subject.Sender.frame(data, options);
    log.note("in place", parts.at(-1)?.buffer === data.buffer);
  }),
  ...(["ping", "pong"] as const).flatMap((method) =>
    [
      "text",
      "",
      Buffer.from("bytes"),
      new Uint8Array([1]),
      new ArrayBuffer(2),
      "x".repeat(126),
    ].map((data, i) =>
      script(`${method}: ${i}`, async (play) => {
        const line = senderOn(play);
        play.log.attempt(method, () => line.sender[method](data, false));
        play.log.attempt(method, () => line.sender[method](data, true));
        line.frames();
      }),
    ),
  ),
  ...(
    [
      [],
      [1000],
      [1000, "why"],
      [1000, Buffer.from("why"), true],
      [1000, "x".repeat(124)],
      [1006],
      ["x"],
      [1000, new Float32Array(2)],
    ] as unknown[][]
  ).map((values) =>
    script(`close(${values.map((value) => shapeOf(value)).join(", ")})`, (play) => {
      const line = senderOn(play);
      const { sender } = line;
      play.log.attempt("close", () => sender.close(...(values as [number])));
      line.frames();
    }),
  ),
  script("compression: order and callbacks", async (play) => {
    const line = senderOn(play, agreed(play));
    const tell = (name: string) => (error?: Error | null) => play.log.note(name, error);
    const options = { ...base, compress: true };
    line.sender.send("one", options, tell("one"));
    line.sender.ping("two", false, tell("two"));
    line.sender.send("three", options, tell("three"));
    line.sender.send("four", base, tell("four"));
    line.sender.pong("five", false, tell("five"));
    line.sender.close(1000, "six", false, tell("six"));
    play.log.note("sent");
    line.frames();
    await play.log.until("script", "six");
    line.frames();
  }),
  script("compression: the threshold", async (play) => {
    const extensions = agreed(play, {
      threshold: 10,
      serverNoContextTakeover: true,
      isServer: true,
    });
    const line = senderOn(play, extensions);
    const options = { ...base, compress: true };
    for (const size of [9, 10]) {
      line.sender.send("x".repeat(size), options, () => play.log.note("done"));
    }
    await play.log.until("script", "done", 2);
    line.frames();
  }),
  script("generateMask of the constructor", async (play) => {
    const line = senderOn(play, undefined, (mask) => mask.fill(0));
    line.sender.send("zero", { ...base, mask: true }, () => play.log.note("done"));
    await play.log.until("script", "done");
    line.frames();
  }),
  script("a stream that fails", async ({ subject, log }) => {
    const socket = new Duplex({
      read: () => undefined,
      write: (_, __, done) => done(new Error("broken")),
    });
    socket.on("error", (error) => log.note("error", error));
    const sender = new subject.Sender(socket);
    sender.send("x", base, (error) => log.note("callback", error?.message));
    await log.until("script", "callback");
    await turn();
  }),
  script("header and payload are corked together", async ({ subject, log }) => {
    const socket = new Duplex({
      read: () => undefined,
      write(chunk: Buffer, _, done) {
        log.note("write", chunk);
        done();
      },
      writev(chunks, done) {
        log.note(
          "writev",
          chunks.map(({ chunk }) => chunk as unknown),
        );
        done();
      },
    });
    const sender = new subject.Sender(socket);
    sender.send("hello", base);
    sender.send("", base);
    sender.ping("p", false);
    await turn();
  }),
]);
