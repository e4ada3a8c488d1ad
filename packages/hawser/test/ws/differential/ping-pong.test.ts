// `ping` and `pong`: arguments, sizes, states and callbacks; automatic pongs and what holds them.

import { frame } from "../../support/frame.ts";
import { differential, type Play, script } from "./runner.ts";
import { type Role, roles } from "./stage.ts";
import type { WebSocket } from "./subjects.ts";

type Method = "ping" | "pong";
const methods: readonly Method[] = ["ping", "pong"];

function call(ws: WebSocket, method: Method, ...values: unknown[]): void {
  (ws[method] as (...values: unknown[]) => void).apply(ws, values);
}

const payloads: [string, () => unknown][] = [
  ["nothing", () => undefined],
  ["a string", () => "hello"],
  ["a string beyond ASCII", () => "größe"],
  ["an empty string", () => ""],
  ["125 bytes", () => "x".repeat(125)],
  ["126 bytes", () => "x".repeat(126)],
  ["63 characters of 2 bytes", () => "ß".repeat(63)],
  ["a number", () => 0],
  ["a large number", () => 200],
  ["a Buffer", () => Buffer.from("bytes")],
  ["a Buffer of 125 bytes", () => Buffer.alloc(125)],
  ["a Buffer of 126 bytes", () => Buffer.alloc(126)],
  ["an ArrayBuffer", () => new Uint8Array([1, 2]).buffer],
  ["an ArrayBuffer of 126 bytes", () => new ArrayBuffer(126)],
  ["a Uint16Array", () => new Uint16Array([1, 2])],
  ["a Float32Array in a larger one", () => new Float32Array([1, 2, 3]).subarray(1, 2)],
  ["a DataView", () => new DataView(new ArrayBuffer(3), 1)],
  ["a Blob", () => new Blob(["blob"])],
  ["a Blob of 126 bytes", () => new Blob(["x".repeat(126)])],
  ["an array", () => [1, 2]],
  ["null", () => null],
  ["true", () => true],
  ["an object", () => ({})],
];

/** The method with these arguments, then a marker. */
async function callOnce(
  play: Play,
  role: Role,
  method: Method,
  ...values: unknown[]
): Promise<void> {
  const { stage, log } = play;
  const { ws } = await stage.scene(role);
  log.attempt(method, () => call(ws, method, ...values));
  ws.send("marker");
  await log.until("wire", "text");
}

const argumentLists: [string, (done: (error: unknown) => void) => unknown[]][] = [
  ["(callback)", (done) => [done]],
  ["(data, callback)", (done) => ["x", done]],
  ["(data, true, callback)", (done) => ["x", true, done]],
  ["(data, false, callback)", (done) => ["x", false, done]],
  ["(data, undefined, callback)", (done) => ["x", undefined, done]],
  ["(undefined, undefined, callback)", (done) => [undefined, undefined, done]],
  ["(data, null)", () => ["x", null]],
];

const states: [string, (ws: WebSocket) => void, boolean][] = [
  ["after close()", (ws) => ws.close(), false],
  ["after terminate()", (ws) => ws.terminate(), false],
  ["when closed", (ws) => ws.terminate(), true],
];

differential("ping and pong", [
  ...roles.flatMap((role) =>
    methods.flatMap((method) =>
      payloads.map(([title, make]) =>
        script(`${role}: ${method} with ${title}`, (play) => callOnce(play, role, method, make())),
      ),
    ),
  ),
  ...roles.flatMap((role) =>
    methods.flatMap((method) =>
      argumentLists.map(([title, make]) =>
        script(`${role}: ${method}${title}`, (play) =>
          callOnce(play, role, method, ...make((error) => play.log.note("callback", error))),
        ),
      ),
    ),
  ),
  ...roles.flatMap((role) =>
    methods.flatMap((method) =>
      states.map(([title, leave, isClosed]) =>
        script(`${role}: ${method} ${title}`, async ({ stage, log }) => {
          const { ws } = await stage.scene(role);
          leave(ws);
          if (isClosed) await log.until("ws", "close");
          const before = ws.bufferedAmount;
          log.attempt(method, () => call(ws, method));
          log.attempt(method, () => call(ws, method, "data"));
          log.attempt(method, () => call(ws, method, "x".repeat(126)));
          log.attempt(method, () => call(ws, method, 12));
          log.note("buffered", ws.bufferedAmount - before);
          log.attempt(method, () => call(ws, method, (error: unknown) => log.note("first", error)));
          log.attempt(method, () =>
            call(ws, method, "x", true, (error: unknown) => log.note("second", error)),
          );
          await log.until("script", "second");
        }),
      ),
    ),
  ),
  ...roles.map((role) =>
    script(`${role}: pings are answered`, async ({ stage, log }) => {
      const { write } = await stage.scene(role);
      for (const payload of ["", "a", "x".repeat(125)]) write(9, payload);
      await log.until("wire", "pong", 3);
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: autoPong false`, async ({ stage, log }) => {
      const { ws, write } = await stage.scene(role, { autoPong: false });
      ws.once("ping", (data) => call(ws, "pong", Buffer.concat([Buffer.from("mine "), data])));
      write(9, "a");
      await log.until("wire", "pong");
      write(9, "b");
      await log.until("ws", "ping", 2);
      ws.send("marker");
      await log.until("wire", "text");
    }),
  ),
  ...[undefined, null, 0, false].map((autoPong) =>
    script(`autoPong ${autoPong}`, async ({ stage, log }) => {
      const { ws, write } = await stage.asClient({ autoPong });
      write(9, "a");
      await log.until("ws", "ping");
      ws.send("marker");
      await log.until("wire", "text");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: pongs that nobody asked for`, async ({ stage, log }) => {
      const { write } = await stage.scene(role);
      write(10, "surprise");
      await log.until("ws", "pong");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: the pong stands before the ping's event`, async ({ stage, log }) => {
      const { ws, write } = await stage.scene(role);
      ws.on("ping", () => ws.send("in the listener"));
      write(9, "a");
      await log.until("wire", "text");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: many pings at once`, async ({ stage, log }) => {
      const { peer } = await stage.scene(role);
      const masked = role === "server";
      const pings = Array.from({ length: 50 }, (_, i) => frame(9, String(i), { masked }));
      peer.write(Buffer.concat(pings));
      await log.until("wire", "pong", 50);
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: a ping when the socket has been destroyed`, async ({ stage, log }) => {
      const { ws, peer } = await stage.scene(role);
      ws.once("message", () => ws.terminate());
      const masked = role === "server";
      peer.write(Buffer.concat([frame(1, "m", { masked }), frame(9, "p", { masked })]));
      await log.until("ws", "close");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: another pong() decides about the answer`, async ({ stage, log }) => {
      const { ws, write } = await stage.scene(role, { maxPendingAutoPongs: 2 });
      Object.assign(ws, {
        pong: (...values: unknown[]) => log.note("pong", values.slice(0, 2), values.length),
      });
      for (let i = 0; i < 2; i++) write(9, `${i}`);
      await log.until("ws", "ping", 2);
      write(9, "past the limit");
      await log.until("ws", "close");
    }),
  ),
]);
