// permessage-deflate, the messages: what is compressed and what is not, fragments, context takeover, what a
// peer sends that is no DEFLATE data or too large, and what happens when the connection ends meanwhile.

import { constants, deflateRawSync } from "node:zlib";
import { frame } from "../../support/frame.ts";
import { differential, script } from "./runner.ts";
import { shapeOf } from "./shape.ts";
import { type Role, roles, type Scene, type SceneOptions, type Stage } from "./stage.ts";
import type { Loose } from "./subjects.ts";

const noTakeover = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/** A scene in which permessage-deflate is agreed on. */
function compressed(
  stage: Stage,
  role: Role,
  options: Loose = {},
  more: SceneOptions = {},
  answer = "permessage-deflate",
): Promise<Scene> {
  const fields = { "Sec-WebSocket-Extensions": answer };
  return stage.scene(role, { perMessageDeflate: {}, ...options }, { fields, ...more });
}

/** What a peer sends for these bytes, in one piece. */
function deflated(content: string | Uint8Array): Buffer {
  const whole = deflateRawSync(content, { finishFlush: constants.Z_SYNC_FLUSH });
  return whole.subarray(0, -4);
}

const text = "hawser ".repeat(400);
const faults: [string, Uint8Array][] = [
  ["bytes that are no DEFLATE data", Buffer.from("ffffffff", "hex")],
  ["a reserved block type", Buffer.from("07", "hex")],
  ["a distance too far back", Buffer.from("020200", "hex")],
  ["a stream cut off", deflated(text).subarray(0, 5)],
];

differential("permessage-deflate, messages", [
  ...roles.flatMap((role) =>
    [undefined, 0, 10, 1024, 2_000].flatMap((threshold) =>
      [9, 10, 1023, 1024, 1999, 2_000].map((size) =>
        script(`${role}: threshold ${threshold}, ${size} bytes`, async ({ stage, log }) => {
          const perMessageDeflate = threshold === undefined ? {} : { threshold };
          const { ws } = await compressed(stage, role, { perMessageDeflate });
          ws.send("x".repeat(size));
          ws.send(Buffer.alloc(size, "y"));
          ws.send("x".repeat(size), { compress: false });
          ws.send("x".repeat(size), { compress: true });
          await log.until("wire", "text", 3);
        }),
      ),
    ),
  ),
  ...roles.flatMap((role) =>
    [9, 1023, 1024, 2_000].map((size) =>
      script(`${role}: no context takeover, ${size} bytes`, async ({ stage, log }) => {
        const { ws } = await compressed(stage, role, {}, {}, noTakeover);
        ws.send("x".repeat(size));
        ws.send(Buffer.alloc(size, "y"));
        ws.send("x".repeat(size), { compress: false });
        await log.until("wire", "text", 2);
      }),
    ),
  ),
  ...roles.map((role) =>
    script(`${role}: fragments`, async ({ stage, log }) => {
      const { ws } = await compressed(stage, role, { perMessageDeflate: { threshold: 0 } });
      ws.send(text, { fin: false });
      ws.send(text, { fin: false, compress: false });
      ws.send("end", { fin: true });
      ws.send("plain ", { fin: false, compress: false });
      ws.send(text, { fin: true, compress: true });
      await log.until("wire", "continuation", 3);
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: empty messages`, async ({ stage, log }) => {
      const { ws } = await compressed(stage, role, { perMessageDeflate: { threshold: 0 } });
      ws.send("");
      ws.send(Buffer.alloc(0));
      ws.send("", { fin: false });
      ws.send("", { fin: true });
      await log.until("wire", "continuation");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: order with pings, plain messages and Blobs`, async ({ stage, log }) => {
      const { ws } = await compressed(stage, role, { perMessageDeflate: { threshold: 0 } });
      const tell = (name: string) => (error?: Error | null) => log.note(name, error);
      ws.send(text, tell("text"));
      ws.ping("ping", undefined, tell("ping"));
      ws.send("plain", { compress: false }, tell("plain"));
      ws.send(new Blob(["blob"]), tell("blob"));
      ws.pong("pong", undefined, tell("pong"));
      ws.send(Buffer.from(text), { binary: true }, tell("binary"));
      ws.close(1000);
      log.note("sent");
      await log.until("wire", "close");
    }),
  ),
  ...roles.flatMap((role) =>
    (["close", "terminate"] as const).map((method) =>
      script(`${role}: ${method}() while a message is compressed`, async ({ stage, log }) => {
        const { ws } = await compressed(stage, role, { perMessageDeflate: { threshold: 0 } });
        ws.send(text, (error) => log.note("first", error));
        ws.send(text, (error) => log.note("second", error));
        ws.ping("x", undefined, (error) => log.note("ping", error));
        ws[method]();
        await log.until("script", "ping");
        if (method === "close") await log.until("wire", "close");
        else await log.until("ws", "close");
      }),
    ),
  ),
  ...roles.map((role) =>
    script(`${role}: the peer goes while a message is compressed`, async ({ stage, log }) => {
      const { ws, peer } = await compressed(stage, role, { perMessageDeflate: { threshold: 0 } });
      peer.destroy();
      await log.until("ws", "close");
      ws.send(text, (error) => log.note("callback", error));
      await log.until("script", "callback");
    }),
  ),
  ...roles.flatMap((role) =>
    (["nodebuffer", "arraybuffer", "fragments", "blob"] as const).map((binaryType) =>
      script(`${role}: compressed messages arrive as ${binaryType}`, async ({ stage, log }) => {
        const { ws, write } = await compressed(stage, role);
        Object.assign(ws, { binaryType });
        write(1, deflated("text"), { rsv: 4 });
        write(2, deflated("binary"), { rsv: 4 });
        write(2, "plain");
        write(2, deflated(Buffer.alloc(100_000, "abc")), { rsv: 4 });
        await log.until("ws", "message", 4);
      }),
    ),
  ),
  ...roles.map((role) =>
    script(`${role}: compressed fragments arrive`, async ({ stage, log }) => {
      const { write } = await compressed(stage, role);
      const bytes = deflated(text);
      write(1, bytes.subarray(0, 3), { rsv: 4, fin: false });
      write(9, "between");
      write(0, bytes.subarray(3, 10), { fin: false });
      write(0, bytes.subarray(10));
      write(1, "plain ", { fin: false });
      write(0, "fragments");
      await log.until("ws", "message", 2);
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: what compressed fragments say, as fragments`, async ({ stage, log }) => {
      const { ws, write } = await compressed(stage, role);
      ws.binaryType = "fragments";
      const bytes = deflated("a".repeat(1_000));
      write(2, bytes.subarray(0, 3), { rsv: 4, fin: false });
      write(0, bytes.subarray(3));
      await log.until("ws", "message");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: an empty compressed message arrives`, async ({ stage, log }) => {
      const { write } = await compressed(stage, role);
      write(1, Buffer.from("00", "hex"), { rsv: 4 });
      write(2, Buffer.from("00", "hex"), { rsv: 4, fin: false });
      write(0, "");
      await log.until("ws", "message", 2);
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: a final block inside a message`, async ({ stage, log }) => {
      const { write } = await compressed(stage, role);
      write(1, deflateRawSync("final"), { rsv: 4 });
      write(1, deflated("next"), { rsv: 4 });
      await log.until("ws", "message", 2);
    }),
  ),
  ...roles.flatMap((role) =>
    [0, 1, 9, 10].map((opcode) =>
      script(`${role}: RSV1 on opcode ${opcode}`, async ({ stage, log }) => {
        const { write } = await compressed(stage, role);
        if (opcode === 0) write(1, "x", { fin: false });
        write(opcode, opcode === 1 ? deflated("y") : "y", { rsv: 4 });
        await log.until("ws", opcode === 1 ? "message" : "error");
      }),
    ),
  ),
  ...roles.flatMap((role) =>
    faults.map(([title, payload]) =>
      script(`${role}: ${title}`, async ({ stage, log }) => {
        const { write, peer } = await compressed(
          stage,
          role,
          {},
          { onFrame: () => peer.socket.end() },
        );
        write(1, payload, { rsv: 4 });
        write(1, "behind it");
        write(8, Buffer.from("03e8", "hex"));
        await log.until("ws", "close");
        await log.until("wire", "end");
      }),
    ),
  ),
  ...roles.map((role) =>
    script(`${role}: text that is no UTF-8 when inflated`, async ({ stage, log }) => {
      const { write, peer } = await compressed(
        stage,
        role,
        {},
        { onFrame: () => peer.socket.end() },
      );
      write(1, deflated(Buffer.from("ff", "hex")), { rsv: 4 });
      await log.until("ws", "close");
      await log.until("wire", "end");
    }),
  ),
  ...roles.flatMap((role) =>
    [
      [20, 20],
      [20, 21],
      [1_000, 100_000],
      [0, 100_000],
    ].map(([maxPayload, size]) =>
      script(`${role}: maxPayload ${maxPayload}, ${size} bytes inflated`, async (play) => {
        const { stage, log } = play;
        const { write, peer } = await compressed(
          stage,
          role,
          { maxPayload },
          {
            onFrame: ({ opcode }) => opcode === 8 && peer.socket.end(),
          },
        );
        write(1, deflated("x".repeat(size as number)), { rsv: 4 });
        write(8, Buffer.from("03e9", "hex"));
        await log.until("ws", "close");
        await log.until("wire", "end");
      }),
    ),
  ),
  ...roles.map((role) =>
    script(`${role}: maxPayload over compressed fragments`, async ({ stage, log }) => {
      const { write, peer } = await compressed(
        stage,
        role,
        { maxPayload: 1_000 },
        {
          onFrame: () => peer.socket.end(),
        },
      );
      const bytes = deflated("x".repeat(5_000));
      write(1, bytes.subarray(0, 5), { rsv: 4, fin: false });
      write(0, bytes.subarray(5));
      await log.until("ws", "close");
      await log.until("wire", "end");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: messages around a compressed one keep their order`, async ({ stage, log }) => {
      const { peer } = await compressed(stage, role);
      const masked = role === "server";
      peer.write(
        Buffer.concat([
          frame(1, "before", { masked }),
          frame(1, deflated(text), { masked, rsv: 4 }),
          frame(9, "ping", { masked }),
          frame(1, "behind", { masked }),
          frame(8, Buffer.from("03e8", "hex"), { masked }),
        ]),
      );
      await log.until("wire", "close");
      peer.socket.end();
      await log.until("ws", "close");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: terminate() while a message is inflated`, async ({ stage, log }) => {
      const { ws, peer } = await compressed(stage, role);
      const masked = role === "server";
      ws.once("ping", () => ws.terminate());
      peer.write(
        Buffer.concat([frame(9, "", { masked }), frame(1, deflated(text), { masked, rsv: 4 })]),
      );
      await log.until("ws", "close");
    }),
  ),
  ...roles.flatMap((role) =>
    ["permessage-deflate", noTakeover].flatMap((answer) =>
      [
        {},
        { zlibDeflateOptions: { level: -1, memLevel: 8 } },
        { zlibDeflateOptions: { level: 1 } },
        { zlibDeflateOptions: { level: 9, memLevel: 9 } },
      ].map((own) =>
        script(`${role}: the very bytes, ${answer}, ${shapeOf(own)}`, async ({ stage, log }) => {
          const perMessageDeflate = { threshold: 0, ...own };
          const scene = await compressed(
            stage,
            role,
            { perMessageDeflate },
            { isSilent: true },
            answer,
          );
          for (const content of ["hello", "hello", text]) scene.ws.send(content);
          for (let i = 0; i < 3; i++) {
            const { rsv, payload } = await scene.peer.readFrame();
            log.note("frame", rsv, payload);
          }
        }),
      ),
    ),
  ),
]);
