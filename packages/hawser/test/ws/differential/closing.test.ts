// `close` and `terminate`: every kind of argument, every state, who ends TCP, what happens when the other
// side does not, and what comes last.

import { closeFrame, frame } from "../../support/frame.ts";
import { differential, type Script, script } from "./runner.ts";
import { shapeOf } from "./shape.ts";
import { roles } from "./stage.ts";
import type { WebSocket } from "./subjects.ts";

function close(ws: WebSocket, ...values: unknown[]): void {
  (ws.close as (...values: unknown[]) => void).apply(ws, values);
}

const codes: unknown[] = [
  undefined,
  null,
  0,
  1,
  999,
  1000,
  1001,
  1002,
  1003,
  1004,
  1005,
  1006,
  1007,
  1008,
  1009,
  1010,
  1011,
  1012,
  1013,
  1014,
  1015,
  1016,
  1100,
  2999,
  3000,
  3999,
  4000,
  4999,
  5000,
  65_536,
  -1,
  1000.5,
  Number.NaN,
  "1000",
  true,
  {},
  1000n,
];

const reasons: [string, () => unknown][] = [
  ["a string", () => "because"],
  ["an empty string", () => ""],
  ["beyond ASCII", () => "größe"],
  ["123 bytes", () => "x".repeat(123)],
  ["124 bytes", () => "x".repeat(124)],
  ["62 characters of 2 bytes", () => "ß".repeat(62)],
  ["a Buffer", () => Buffer.from("bytes")],
  ["a Buffer of 123 bytes", () => Buffer.alloc(123, "x")],
  ["a Buffer of 124 bytes", () => Buffer.alloc(124)],
  ["a Uint8Array", () => new Uint8Array([97, 98])],
  ["a Uint8Array in a larger one", () => new Uint8Array([97, 98, 99, 100]).subarray(1, 3)],
  ["a Uint16Array", () => new Uint16Array([97])],
  ["a Float32Array", () => new Float32Array(20)],
  ["a DataView", () => new DataView(new ArrayBuffer(2))],
  ["an ArrayBuffer", () => new ArrayBuffer(2)],
  ["bytes that are no UTF-8", () => Buffer.from("ff", "hex")],
  ["null", () => null],
  ["a number", () => 5],
  ["an object", () => ({})],
  ["an array", () => [97]],
  ["true", () => true],
];

/** Closes, then the peer answers properly. */
function closesWith(title: string, ...values: unknown[]): Script[] {
  return roles.map((role) =>
    script(`${role}: ${title}`, async ({ stage, log }) => {
      const { ws, peer } = await stage.scene(
        role,
        {},
        {
          onFrame: ({ opcode, payload }) => {
            if (opcode !== 8) return;
            peer.write(frame(8, payload, { masked: role === "server" }));
            peer.socket.end();
          },
        },
      );
      log.attempt("close", () => close(ws, ...values));
      log.note("state", ws.readyState);
      if (ws.readyState === 1) ws.close();
      await log.until("ws", "close");
      await log.until("wire", "end");
    }),
  );
}

differential("closing", [
  ...closesWith("close() without arguments"),
  ...codes.flatMap((code) => closesWith(`close(${shapeOf(code)})`, code)),
  ...codes
    .slice(0, 8)
    .flatMap((code) => closesWith(`close(${shapeOf(code)}, reason)`, code, "why")),
  ...reasons.flatMap(([title, make]) => closesWith(`close(1000, ${title})`, 1000, make())),
  ...roles.map((role) =>
    script(`${role}: who ends TCP, when we close`, async ({ stage, log }) => {
      const { ws, peer } = await stage.scene(role);
      ws.close(1000);
      await log.until("wire", "close");
      peer.write(closeFrame(1000, "", { masked: role === "server" }));
      if (role === "server") await log.until("wire", "end");
      log.note("state", ws.readyState);
      peer.socket.end();
      await log.until("ws", "close");
      await log.until("wire", "end");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: who ends TCP, when the peer closes`, async ({ stage, log }) => {
      const { ws, peer } = await stage.scene(role);
      peer.write(closeFrame(4000, "peer", { masked: role === "server" }));
      await log.until("wire", "close");
      if (role === "server") await log.until("wire", "end");
      log.note("state", ws.readyState);
      peer.socket.end();
      await log.until("ws", "close");
      await log.until("wire", "end");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: closeTimeout when the peer does not answer`, async ({ stage, log }) => {
      const { ws } = await stage.scene(role, { closeTimeout: 30 });
      ws.close(1000, "please");
      await log.until("ws", "close");
      await log.until("wire", "end");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: closeTimeout when the peer answers and keeps TCP`, async ({ stage, log }) => {
      const { ws, write } = await stage.scene(
        role,
        { closeTimeout: 30 },
        {
          onFrame: ({ opcode, payload }) => opcode === 8 && write(8, payload),
        },
      );
      ws.close(1000, "please");
      await log.until("ws", "close");
      await log.until("wire", "end");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: closeTimeout when the peer closes and keeps TCP`, async ({ stage, log }) => {
      const { write } = await stage.scene(role, { closeTimeout: 30 });
      write(8, Buffer.from("03e8", "hex"));
      await log.until("ws", "close");
      await log.until("wire", "end");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: closeTimeout after a fault`, async ({ stage, log }) => {
      const { write } = await stage.scene(role, { closeTimeout: 30 });
      write(3);
      await log.until("ws", "close");
      await log.until("wire", "end");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: both close at once`, async ({ stage, log }) => {
      const { ws, peer } = await stage.scene(role);
      peer.write(closeFrame(4001, "theirs", { masked: role === "server" }));
      ws.close(4000, "ours");
      await log.until("wire", "close");
      peer.socket.end();
      await log.until("ws", "close");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: close() again and again`, async ({ stage, log }) => {
      const { ws, peer } = await stage.scene(role);
      ws.close(1000, "first");
      log.attempt("again", () => close(ws, 1001, "second"));
      log.attempt("bad code", () => close(ws, 5));
      log.attempt("bad reason", () => close(ws, 1000, "x".repeat(200)));
      await log.until("wire", "close");
      peer.write(closeFrame(1000, "", { masked: role === "server" }));
      peer.socket.end();
      await log.until("ws", "close");
      log.attempt("when closed", () => close(ws, 1000));
      log.attempt("bad when closed", () => close(ws, 5));
      log.attempt("terminate when closed", () => ws.terminate());
      log.note("state", ws.readyState);
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: messages that come after close()`, async ({ stage, log }) => {
      const { ws, write, peer } = await stage.scene(role);
      ws.close(1000);
      await log.until("wire", "close");
      write(1, "late");
      write(9, "late ping");
      await log.until("ws", "ping");
      peer.write(closeFrame(1000, "", { masked: role === "server" }));
      peer.socket.end();
      await log.until("ws", "close");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: a fault after close()`, async ({ stage, log }) => {
      const { ws, write, peer } = await stage.scene(role);
      ws.close(1000);
      await log.until("wire", "close");
      write(3);
      await log.until("ws", "error");
      peer.socket.end();
      await log.until("ws", "close");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: close() waits for what was sent`, async ({ stage, log }) => {
      const { ws, peer } = await stage.scene(role);
      ws.send(Buffer.alloc(300_000, "a"), (error) => log.note("callback", error));
      ws.send("last");
      ws.close(1000);
      await log.until("wire", "close");
      peer.write(closeFrame(1000, "", { masked: role === "server" }));
      peer.socket.end();
      await log.until("ws", "close");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: terminate()`, async ({ stage, log }) => {
      const { ws } = await stage.scene(role);
      ws.send("maybe", (error) => log.note("callback", error?.constructor.name));
      log.attempt("terminate", () => ws.terminate());
      log.note("state", ws.readyState);
      log.attempt("again", () => ws.terminate());
      log.attempt("close", () => ws.close());
      process.nextTick(() => log.note("next tick", ws.readyState));
      await log.until("ws", "close");
      log.note("state", ws.readyState);
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: terminate() after close()`, async ({ stage, log }) => {
      const { ws } = await stage.scene(role);
      ws.close(1000);
      await log.until("wire", "close");
      ws.terminate();
      await log.until("ws", "close");
      await log.until("wire", "end");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: terminate() after the peer's Close frame`, async ({ stage, log }) => {
      const { ws, write } = await stage.scene(role);
      write(8, Buffer.from("0fa0", "hex"));
      await log.until("wire", "close");
      ws.terminate();
      await log.until("ws", "close");
    }),
  ),
  ...(["close", "terminate"] as const).flatMap((method) =>
    (["open", "message", "close", "error", "ping"] as const).map((event) =>
      script(`client: ${method}() in ${event}`, async ({ stage, log }) => {
        const { write, peer } = await stage.asClient(
          {},
          {
            prepare: (ws) => {
              ws.once(event, () => {
                log.attempt(method, () => ws[method]());
                log.note("state", ws.readyState);
              });
            },
          },
        );
        if (event === "message") write(1, "x");
        if (event === "ping") write(9, "x");
        if (event === "error") write(3);
        peer.write(closeFrame(1000, "", { masked: false }));
        peer.socket.end();
        await log.until("ws", "close");
      }),
    ),
  ),
  ...roles.map((role) =>
    script(`${role}: the peer ends without a Close frame`, async ({ stage, log }) => {
      const { peer, ws } = await stage.scene(role);
      peer.socket.end();
      await log.until("wire", "end");
      await log.until("ws", "close");
      log.note("state", ws.readyState);
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: the peer ends while we send`, async ({ stage, log }) => {
      const { peer, ws } = await stage.scene(role);
      peer.socket.end();
      ws.send("while it ends");
      await log.until("ws", "close");
      await log.until("wire", "end");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: the peer ends behind its Close frame`, async ({ stage, log }) => {
      const { peer } = await stage.scene(role);
      peer.write(closeFrame(1000, "bye", { masked: role === "server" }));
      peer.socket.end();
      await log.until("ws", "close");
      await log.until("wire", "end");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: the peer resets behind our Close frame`, async ({ stage, log }) => {
      const { peer, ws } = await stage.scene(role);
      ws.close(1001);
      await log.until("wire", "close");
      peer.reset();
      await log.until("ws", "close");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: close event object`, async ({ stage, log }) => {
      const { ws, peer } = await stage.scene(role);
      ws.addEventListener("close", (event) => {
        log.note("event", event.type, event.code, event.reason, event.wasClean);
        log.note("state", ws.readyState, event.target === ws);
      });
      peer.write(closeFrame(3001, "größe", { masked: role === "server" }));
      await log.until("wire", "close");
      peer.socket.end();
      await log.until("script", "state");
    }),
  ),
]);
