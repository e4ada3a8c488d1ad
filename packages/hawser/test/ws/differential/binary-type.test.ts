// `binaryType`: what arrives as what, in both roles, whole and in fragments, changed while messages come.

import { frame } from "../../support/frame.ts";
import { differential, script } from "./runner.ts";
import { shapeOf } from "./shape.ts";
import { roles } from "./stage.ts";
import type { Loose, WebSocket } from "./subjects.ts";

const kinds = ["nodebuffer", "arraybuffer", "fragments", "blob"] as const;
const others: unknown[] = ["foo", "", undefined, null, 0, {}, "BLOB", "ArrayBuffer"];

function setType(ws: WebSocket, value: unknown): void {
  (ws as unknown as Loose)["binaryType"] = value;
}

/** What a message is, deeply: fragments are lists, and a Blob's bytes are read. */
async function describe(data: unknown): Promise<string> {
  if (data instanceof Blob) {
    return `${shapeOf(data)} ${shapeOf(Buffer.from(await data.arrayBuffer()))} ${data.type}`;
  }
  return shapeOf(data);
}

const messages: [string, (masked: boolean) => Buffer][] = [
  ["one frame", (masked) => frame(2, "bytes", { masked })],
  ["an empty frame", (masked) => frame(2, "", { masked })],
  [
    "two fragments",
    (masked) => Buffer.concat([frame(2, "a", { masked, fin: false }), frame(0, "b", { masked })]),
  ],
  [
    "three, one empty",
    (masked) =>
      Buffer.concat([
        frame(2, "a", { masked, fin: false }),
        frame(0, "", { masked, fin: false }),
        frame(0, "b", { masked }),
      ]),
  ],
  [
    "empty fragments",
    (masked) => Buffer.concat([frame(2, "", { masked, fin: false }), frame(0, "", { masked })]),
  ],
  ["a large frame", (masked) => frame(2, Buffer.alloc(150_000, "abc"), { masked })],
  ["text", (masked) => frame(1, "text", { masked })],
  [
    "text in fragments",
    (masked) => Buffer.concat([frame(1, "a", { masked, fin: false }), frame(0, "b", { masked })]),
  ],
];

differential("binaryType", [
  ...roles.flatMap((role) =>
    kinds.flatMap((kind) =>
      messages.map(([title, make]) =>
        script(`${role}: ${kind}: ${title}`, async ({ stage, log }) => {
          const { ws, peer } = await stage.scene(
            role,
            {},
            { prepare: (one) => setType(one, kind) },
          );
          const described: Promise<void>[] = [];
          ws.on("message", (data, isBinary) => {
            described.push(describe(data).then((text) => log.note("data", text, isBinary)));
            if (Array.isArray(data)) log.note("parts", data.length);
          });
          peer.write(make(role === "server"));
          await log.until("ws", "message");
          await Promise.all(described);
        }),
      ),
    ),
  ),
  ...kinds.map((kind) =>
    script(`${kind}: data of addEventListener`, async ({ stage, log }) => {
      const { ws, write } = await stage.asClient({}, { prepare: (one) => setType(one, kind) });
      ws.addEventListener("message", ({ data }) => {
        log.note("data", typeof data, Array.isArray(data), data.constructor.name);
      });
      write(2, "bytes");
      write(1, "text");
      await log.until("script", "data", 2);
    }),
  ),
  ...others.map((value) =>
    script(`binaryType = ${shapeOf(value)} is ignored`, async ({ stage, log }) => {
      const { ws } = await stage.asClient();
      setType(ws, "arraybuffer");
      log.attempt("set", () => setType(ws, value));
      log.note("type", ws.binaryType);
    }),
  ),
  ...kinds.map((kind) =>
    script(`binaryType = ${kind} in each state`, async ({ stage, log }) => {
      const ws = stage.client(`ws://127.0.0.1:${await stage.deadPort()}/`);
      setType(ws, kind);
      log.note("connecting", ws.binaryType);
      await log.until("ws", "close");
      setType(ws, "arraybuffer");
      log.note("closed", ws.binaryType);
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: changed between messages`, async ({ stage, log }) => {
      const { ws, write } = await stage.scene(role);
      let next = 0;
      for (const kind of [...kinds, "nodebuffer"]) {
        setType(ws, kind);
        write(2, `as ${kind}`);
        next += 1;
        await log.until("ws", "message", next);
      }
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: changed in a handler, with more in the same chunk`, async ({ stage, log }) => {
      const { ws, peer } = await stage.scene(role);
      const order = ["arraybuffer", "fragments", "blob", "nodebuffer"];
      ws.on("message", () => setType(ws, order.shift()));
      const masked = role === "server";
      peer.write(Buffer.concat([1, 2, 3, 4, 5].map((n) => frame(2, `m${n}`, { masked }))));
      await log.until("ws", "message", 5);
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: changed between fragments`, async ({ stage, log }) => {
      const { ws, write } = await stage.scene(role);
      write(2, "first ", { fin: false });
      write(9);
      await log.until("ws", "ping");
      setType(ws, "arraybuffer");
      write(0, "second");
      await log.until("ws", "message");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: an ArrayBuffer has memory of its own`, async ({ stage, log }) => {
      const { ws, peer } = await stage.scene(
        role,
        {},
        {
          prepare: (one) => setType(one, "arraybuffer"),
        },
      );
      ws.on("message", (data) => log.note("length", (data as unknown as ArrayBuffer).byteLength));
      const masked = role === "server";
      peer.write(Buffer.concat([frame(2, "abc", { masked }), frame(2, "defgh", { masked })]));
      await log.until("ws", "message", 2);
    }),
  ),
]);
