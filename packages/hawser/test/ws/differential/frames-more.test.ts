// Frames that break several rules at once (which is named?), frames in pieces, and what is known only by
// waiting: when text is checked, and what happens between the frames of a message.

import { closeFrame, type FrameOptions, frame } from "../../support/frame.ts";
import { turn } from "../../support/deferred.ts";
import { differential, type Script, script } from "./runner.ts";
import { type Role, roles } from "./stage.ts";

interface Violation {
  readonly title: string;
  readonly apply: (draft: Draft, role: Role) => void;
}

interface Draft {
  opcode: number;
  payload: Uint8Array;
  options: FrameOptions & { masked: boolean };
}

const violations: Violation[] = [
  {
    title: "RSV1",
    apply: ({ options }) => Object.assign(options, { rsv: (options.rsv ?? 0) | 4 }),
  },
  {
    title: "RSV3",
    apply: ({ options }) => Object.assign(options, { rsv: (options.rsv ?? 0) | 1 }),
  },
  {
    title: "the mask",
    apply: ({ options }, role) => Object.assign(options, { masked: role === "client" }),
  },
  { title: "the opcode", apply: (draft) => Object.assign(draft, { opcode: draft.opcode | 4 }) },
  { title: "no FIN", apply: ({ options }) => Object.assign(options, { fin: false }) },
  { title: "the size", apply: (draft) => Object.assign(draft, { payload: Buffer.alloc(300) }) },
  {
    title: "a huge length",
    apply: ({ options }) => Object.assign(options, { declared: 2n ** 63n }),
  },
];

const pairs = violations.flatMap((one, i) =>
  violations.slice(i).map((other) => [one, other] as const),
);

const precedence: Script[] = [0, 2, 9].flatMap((opcode) =>
  pairs.flatMap(([one, other]) =>
    roles.map((role) =>
      script(`opcode ${opcode} as ${role}: ${one.title} and ${other.title}`, async (play) => {
        const { stage, log } = play;
        const draft: Draft = {
          opcode,
          payload: Buffer.from("xy"),
          options: { masked: role === "server" },
        };
        one.apply(draft, role);
        if (other !== one) other.apply(draft, role);
        const { peer } = await stage.scene(
          role,
          { maxPayload: 100 },
          {
            onFrame: () => peer.socket.end(),
          },
        );
        const end = closeFrame(1000, "", { masked: role === "server" });
        peer.write(Buffer.concat([frame(draft.opcode, draft.payload, draft.options), end]));
        if (draft.options.fin === false && opcode === 2) peer.socket.end();
        await log.until("ws", "close");
      }),
    ),
  ),
);

const inPieces: [string, (masked: boolean) => Buffer][] = [
  ["a text", (masked) => frame(1, "hello", { masked })],
  ["a text of 126 bytes", (masked) => frame(1, "x".repeat(126), { masked })],
  ["a 64-bit length", (masked) => frame(2, "hello", { masked, lengthBits: 64 })],
  ["a ping", (masked) => frame(9, "ping", { masked })],
  ["a Close frame", (masked) => closeFrame(1000, "bye", { masked })],
  [
    "fragments",
    (masked) => Buffer.concat([frame(1, "κ", { masked, fin: false }), frame(0, "ός", { masked })]),
  ],
  ["a faulty frame", (masked) => frame(3, "hello", { masked })],
];

differential("frames, more", [
  ...precedence,
  ...inPieces.flatMap(([title, make]) =>
    roles.map((role) =>
      script(`byte by byte as ${role}: ${title}`, async ({ stage, log }) => {
        const { peer } = await stage.scene(
          role,
          {},
          {
            onFrame: ({ opcode }) => opcode === 8 && peer.socket.end(),
          },
        );
        await peer.writeByteByByte(make(role === "server"));
        await peer.writeByteByByte(closeFrame(1001, "", { masked: role === "server" }));
        await log.until("ws", "close");
      }),
    ),
  ),
  ...roles.map((role) =>
    script(`${role}: text is checked when the message is complete`, async ({ stage, log }) => {
      const { write } = await stage.scene(role);
      write(1, Buffer.from("ff", "hex"), { fin: false });
      write(9, "still there?");
      await log.untilOne("wire", "pong", "close");
      write(0, "x");
      await log.until("ws", "error");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: the end of the stream in the middle of a frame`, async ({ stage, log }) => {
      const { peer } = await stage.scene(role);
      peer.write(frame(1, "half", { masked: role === "server" }).subarray(0, 4));
      peer.socket.end();
      await log.until("ws", "close");
      await log.until("wire", "end");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: the end of the stream in the middle of a message`, async ({ stage, log }) => {
      const { peer, write } = await stage.scene(role);
      write(1, "half", { fin: false });
      peer.socket.end();
      await log.until("ws", "close");
      await log.until("wire", "end");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: a message just before the end of the stream`, async ({ stage, log }) => {
      const { peer, write } = await stage.scene(role);
      write(1, "last");
      peer.socket.end();
      await log.until("ws", "close");
      await log.until("wire", "end");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: a reset`, async ({ stage, log }) => {
      const { peer } = await stage.scene(role);
      peer.reset();
      await log.until("ws", "close");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: the messages of one chunk, each with a handler's microtask`, async (play) => {
      const { stage, log } = play;
      const { ws, peer } = await stage.scene(role);
      ws.on("message", () => queueMicrotask(() => log.add("ws", "microtask")));
      ws.on("message", () => process.nextTick(() => log.add("ws", "next tick")));
      const masked = role === "server";
      peer.write(Buffer.concat([1, 2, 3].map((n) => frame(1, `m${n}`, { masked }))));
      await log.until("ws", "next tick", 3);
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: allowSynchronousEvents false`, async ({ stage, log }) => {
      const { ws, peer } = await stage.scene(role, { allowSynchronousEvents: false });
      const after = (name: string): void => {
        queueMicrotask(() => log.add("ws", `microtask after ${name}`));
        setImmediate(() => log.add("ws", `turn after ${name}`));
      };
      ws.on("message", () => after("message"));
      ws.on("ping", () => after("ping"));
      ws.on("pong", () => after("pong"));
      const masked = role === "server";
      peer.write(
        Buffer.concat([
          frame(1, "a", { masked }),
          frame(9, "b", { masked }),
          frame(2, "c", { masked }),
          frame(10, "d", { masked }),
          frame(1, "e", { masked }),
        ]),
      );
      await log.until("ws", "turn after message", 3);
      await turn();
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: a handler that throws`, async ({ stage, log }) => {
      stage.catchUncaught();
      const { ws, write } = await stage.scene(role);
      ws.once("message", () => {
        throw new Error("handler's own");
      });
      write(1, "first");
      await log.until("uncaught", "uncaught");
      log.note("state", ws.readyState);
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: terminate() in a handler drops the rest of the chunk`, async (play) => {
      const { stage, log } = play;
      const { ws, peer } = await stage.scene(role);
      ws.once("message", () => ws.terminate());
      const masked = role === "server";
      peer.write(Buffer.concat([1, 2, 3].map((n) => frame(1, `m${n}`, { masked }))));
      await log.until("ws", "close");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: close() in a handler still delivers the rest`, async ({ stage, log }) => {
      const { ws, peer } = await stage.scene(role);
      ws.once("message", () => ws.close(1000, "enough"));
      const masked = role === "server";
      const messages = [1, 2, 3].map((n) => frame(1, `m${n}`, { masked }));
      peer.write(Buffer.concat([...messages, closeFrame(1000, "", { masked })]));
      await log.until("wire", "close");
      peer.socket.end();
      await log.until("ws", "close");
    }),
  ),
  ...roles.flatMap((role) =>
    [true, false].map((own) =>
      script(
        `${role}: a message's Buffer ${own ? "may be kept" : "may be changed"}`,
        async (play) => {
          const { stage, log } = play;
          const { ws, write } = await stage.scene(role);
          const kept: Buffer[] = [];
          ws.on("message", (data: Buffer) => {
            kept.push(data);
            if (!own) data.fill(0);
          });
          for (const text of ["one", "two", "three"]) write(2, text);
          await log.until("ws", "message", 3);
          log.note("kept", kept);
        },
      ),
    ),
  ),
]);
