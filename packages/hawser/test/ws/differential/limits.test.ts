// Limits that hold a peer back: fragments, buffered chunks, pending pongs, and what their options accept.

import { turn } from "../../support/deferred.ts";
import { frame } from "../../support/frame.ts";
import { differential, script } from "./runner.ts";
import { shapeOf } from "./shape.ts";
import { roles } from "./stage.ts";

const fragmentCounts: [number, number][] = [
  [1, 1],
  [1, 2],
  [2, 2],
  [2, 3],
  [0, 50],
  [10, 11],
];

differential("limits", [
  ...roles.flatMap((role) =>
    fragmentCounts.map(([maxFragments, count]) =>
      script(`${role}: maxFragments ${maxFragments}, ${count} fragments`, async (play) => {
        const { stage, log } = play;
        const { peer } = await stage.scene(
          role,
          { maxFragments },
          {
            onFrame: ({ opcode }) => opcode === 8 && peer.socket.end(),
          },
        );
        const masked = role === "server";
        const parts = Array.from({ length: count }, (_, i) =>
          frame(i === 0 ? 1 : 0, "ab", { masked, fin: i === count - 1 }),
        );
        peer.write(Buffer.concat([...parts, frame(8, Buffer.from("03e8", "hex"), { masked })]));
        await log.until("ws", "close");
        await log.until("wire", "end");
      }),
    ),
  ),
  ...roles.map((role) =>
    script(`${role}: empty fragments count, pings between them do not`, async ({ stage, log }) => {
      const { write, peer } = await stage.scene(
        role,
        { maxFragments: 3 },
        {
          onFrame: ({ opcode }) => opcode === 8 && peer.socket.end(),
        },
      );
      write(2, "", { fin: false });
      write(9);
      write(0, "", { fin: false });
      write(9);
      write(0, "", { fin: false });
      write(0, "x", { fin: true });
      await log.until("ws", "close");
      await log.until("wire", "end");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: maxFragments counts each message anew`, async ({ stage, log }) => {
      const { write } = await stage.scene(role, { maxFragments: 2 });
      for (const text of ["a", "b", "c"]) {
        write(1, text, { fin: false });
        write(0, text);
      }
      await log.until("ws", "message", 3);
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: maxFragments and maxPayload passed at once`, async ({ stage, log }) => {
      const { write, peer } = await stage.scene(
        role,
        { maxFragments: 1, maxPayload: 3 },
        {
          onFrame: () => peer.socket.end(),
        },
      );
      write(1, "ab", { fin: false });
      write(0, "cd");
      await log.until("ws", "close");
      await log.until("wire", "end");
    }),
  ),
  ...(["maxFragments", "maxBufferedChunks", "maxPendingAutoPongs", "maxPayload"] as const).flatMap(
    (name) =>
      [-1, 0.5, "5", null, undefined, Number.NaN, 2 ** 31, 2 ** 40, Infinity].map((value) =>
        script(`${name} ${shapeOf(value)} in both constructors`, async ({ stage, log }) => {
          log.attempt("server", () => {
            const server = stage.makeServer({ noServer: true, [name]: value });
            return (server.options as unknown as Record<string, unknown>)[name];
          });
          log.attempt("client", () => {
            const ws = stage.keep(stage.make("ws://127.0.0.1:1/", [], { [name]: value }));
            return ws.readyState;
          });
        }),
      ),
  ),
  ...roles.flatMap((role) =>
    [-1, 0.5, undefined, null, Infinity].map((maxPayload) =>
      script(`${role}: a message with maxPayload ${shapeOf(maxPayload)}`, async (play) => {
        const { stage, log } = play;
        const { write, peer } = await stage.scene(
          role,
          { maxPayload },
          {
            onFrame: ({ opcode }) => opcode === 8 && peer.socket.end(),
          },
        );
        write(1, "hello");
        write(8, Buffer.from("03e8", "hex"));
        await log.until("ws", "close");
      }),
    ),
  ),
  ...roles.flatMap((role) =>
    [-1, 0.5, 1.5, "2", undefined, null, Number.NaN, 2 ** 31, Infinity].map((maxFragments) =>
      script(
        `${role}: three fragments with maxFragments ${shapeOf(maxFragments)}`,
        async (play) => {
          const { stage, log } = play;
          const { write, peer } = await stage.scene(
            role,
            { maxFragments },
            {
              onFrame: ({ opcode }) => opcode === 8 && peer.socket.end(),
            },
          );
          write(1, "a", { fin: false });
          write(0, "b", { fin: false });
          write(0, "c");
          write(8, Buffer.from("03e8", "hex"));
          await log.until("ws", "close");
        },
      ),
    ),
  ),
  ...roles.flatMap((role) =>
    [
      [2, 2],
      [2, 3],
      [1, 2],
      [0, 8],
      [-1, 8],
    ].map(([maxBufferedChunks, count = 0]) =>
      script(
        `${role}: maxBufferedChunks ${maxBufferedChunks}, a payload in ${count} chunks`,
        async ({ stage, log }) => {
          const { ws, peer, write } = await stage.scene(
            role,
            { maxBufferedChunks },
            { onFrame: ({ opcode }) => opcode === 8 && peer.socket.end() },
          );
          const { _socket: socket } = ws as unknown as { _socket: { push(bytes: Buffer): void } };
          for (const text of ["first", "second"]) {
            const bytes = frame(1, text.padEnd(count), { masked: role === "server" });
            const payloadAt = bytes.length - text.padEnd(count).length;
            socket.push(bytes.subarray(0, payloadAt));
            for (let i = 0; i < count - 1; i++) {
              socket.push(bytes.subarray(payloadAt + i, payloadAt + i + 1));
            }
            socket.push(bytes.subarray(payloadAt + count - 1));
          }
          write(8, Buffer.from("03e8", "hex"));
          await log.until("ws", "close");
          await log.until("wire", "end");
        },
      ),
    ),
  ),
  ...roles.flatMap((role) =>
    [1, 2, 10].map((maxPendingAutoPongs) =>
      script(`${role}: maxPendingAutoPongs ${maxPendingAutoPongs}`, async ({ stage, log }) => {
        const { ws, peer } = await stage.scene(role, { maxPendingAutoPongs });
        const { _socket: socket } = ws as unknown as { _socket: { cork(): void } };
        socket.cork();
        const masked = role === "server";
        const pings = Array.from({ length: 15 }, (_, i) => frame(9, String(i), { masked }));
        peer.write(Buffer.concat(pings));
        await log.until("ws", "close");
      }),
    ),
  ),
  ...roles.map((role) =>
    script(`${role}: maxPendingAutoPongs 0`, async ({ stage, log }) => {
      const { ws, peer } = await stage.scene(role, { maxPendingAutoPongs: 0 });
      const masked = role === "server";
      const pings = Array.from({ length: 100 }, (_, i) => frame(9, String(i), { masked }));
      peer.write(Buffer.concat(pings));
      await log.until("wire", "pong", 100);
      log.note("state", ws.readyState);
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: pongs that the socket takes are not pending`, async ({ stage, log }) => {
      const { ws, write } = await stage.scene(role, { maxPendingAutoPongs: 2 });
      for (let i = 1; i <= 10; i++) {
        write(9, String(i));
        await log.until("wire", "pong", i);
        await turn();
      }
      log.note("state", ws.readyState);
    }),
  ),
]);
