// `pause`, `resume` and `bufferedAmount`: what is held back, what goes on, and what is counted.

import { closeFrame, frame } from "../../support/frame.ts";
import { turn } from "../../support/deferred.ts";
import { differential, script } from "./runner.ts";
import { roles } from "./stage.ts";

differential("flow", [
  ...roles.map((role) =>
    script(`${role}: pause() holds messages, resume() lets them go`, async ({ stage, log }) => {
      const { ws, write } = await stage.scene(role);
      ws.pause();
      log.note("paused", ws.isPaused);
      write(1, "held");
      write(9, "held too");
      for (let i = 0; i < 10; i++) await turn();
      log.note("messages", log.count("ws", "message"), log.count("ws", "ping"));
      ws.resume();
      log.note("paused", ws.isPaused);
      await log.until("ws", "ping");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: pause() in a handler, with more in the same chunk`, async ({ stage, log }) => {
      const { ws, peer } = await stage.scene(role);
      ws.once("message", () => ws.pause());
      const masked = role === "server";
      peer.write(Buffer.concat([1, 2, 3].map((n) => frame(1, `m${n}`, { masked }))));
      await log.until("ws", "message");
      for (let i = 0; i < 10; i++) await turn();
      log.note("messages", log.count("ws", "message"));
      peer.write(frame(1, "m4", { masked }));
      for (let i = 0; i < 10; i++) await turn();
      log.note("messages", log.count("ws", "message"));
      ws.resume();
      await log.until("ws", "message", 4);
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: pause() and resume() again and again`, async ({ stage, log }) => {
      const { ws, write } = await stage.scene(role);
      for (const method of ["pause", "pause", "resume", "resume", "pause", "resume"] as const) {
        log.attempt(method, () => ws[method]());
        log.note("paused", ws.isPaused);
      }
      write(1, "x");
      await log.until("ws", "message");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: a paused connection can send`, async ({ stage, log }) => {
      const { ws } = await stage.scene(role);
      ws.pause();
      ws.send("still", (error) => log.note("callback", error));
      await log.until("wire", "text");
      await log.until("script", "callback");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: close() while paused`, async ({ stage, log }) => {
      const { ws, peer } = await stage.scene(role);
      ws.pause();
      ws.close(1000);
      log.note("paused", ws.isPaused, ws.readyState);
      await log.until("wire", "close");
      peer.write(closeFrame(1000, "", { masked: role === "server" }));
      for (let i = 0; i < 10; i++) await turn();
      log.note("state", ws.readyState);
      ws.resume();
      peer.socket.end();
      await log.until("ws", "close");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: closeTimeout while paused`, async ({ stage, log }) => {
      const { ws, write } = await stage.scene(role, { closeTimeout: 30 });
      ws.pause();
      write(1, "unread");
      ws.close(1000);
      await log.until("ws", "close");
      log.note("paused", ws.isPaused);
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: terminate() while paused, with unread messages`, async ({ stage, log }) => {
      const { ws, write } = await stage.scene(role);
      ws.pause();
      write(1, "unread");
      for (let i = 0; i < 10; i++) await turn();
      ws.terminate();
      await log.until("ws", "close");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: the peer goes while we are paused`, async ({ stage, log }) => {
      const { ws, peer } = await stage.scene(role);
      ws.pause();
      peer.write(frame(1, "last", { masked: role === "server" }));
      peer.socket.end();
      for (let i = 0; i < 10; i++) await turn();
      log.note("state", ws.readyState);
      ws.resume();
      await log.until("ws", "close");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: pause() and resume() when closing and closed`, async ({ stage, log }) => {
      const { ws, peer } = await stage.scene(role);
      ws.close();
      log.attempt("pause", () => ws.pause());
      log.note("paused", ws.isPaused);
      log.attempt("resume", () => ws.resume());
      log.note("paused", ws.isPaused);
      await log.until("wire", "close");
      peer.write(closeFrame(1000, "", { masked: role === "server" }));
      peer.socket.end();
      await log.until("ws", "close");
      log.attempt("pause", () => ws.pause());
      log.note("paused", ws.isPaused);
      log.attempt("resume", () => ws.resume());
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: pause() in open or connection`, async ({ stage, log }) => {
      const first = frame(1, "early", { masked: role === "server" });
      const { ws } = await stage.scene(
        role,
        {},
        {
          first,
          prepare: (one) => {
            if (role === "server") one.pause();
            else one.on("open", () => one.pause());
          },
        },
      );
      for (let i = 0; i < 10; i++) await turn();
      log.note("messages", log.count("ws", "message"), ws.isPaused);
      ws.resume();
      await log.until("ws", "message");
    }),
  ),
  ...roles.map((role) =>
    script(
      `${role}: bufferedAmount counts what the socket has not taken`,
      async ({ stage, log }) => {
        const { ws } = await stage.scene(role);
        log.note("before", ws.bufferedAmount);
        const { _socket: socket } = ws as unknown as { _socket: { cork(): void; uncork(): void } };
        socket.cork();
        for (const size of [0, 1, 125, 126, 65_535, 65_536]) {
          ws.send(Buffer.alloc(size));
          log.note("after", size, ws.bufferedAmount);
        }
        ws.ping("x");
        log.note("after a ping", ws.bufferedAmount);
        ws.send("text");
        log.note("after text", ws.bufferedAmount);
        socket.uncork();
        await log.until("wire", "text");
        log.note("in the end", ws.bufferedAmount);
      },
    ),
  ),
  ...roles.map((role) =>
    script(`${role}: bufferedAmount while a Blob is read`, async ({ stage, log }) => {
      const { ws } = await stage.scene(role);
      ws.send(new Blob(["0123456789"]));
      log.note("blob", ws.bufferedAmount);
      ws.send("12345");
      log.note("text behind it", ws.bufferedAmount);
      ws.ping("123");
      log.note("ping behind it", ws.bufferedAmount);
      ws.close(1000, "bye");
      log.note("Close frame behind it", ws.bufferedAmount);
      await log.until("wire", "close");
      log.note("in the end", ws.bufferedAmount);
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: bufferedAmount while a message is compressed`, async ({ stage, log }) => {
      const offer = "permessage-deflate";
      const { ws } = await stage.scene(
        role,
        { perMessageDeflate: { threshold: 0 } },
        { fields: { "Sec-WebSocket-Extensions": offer } },
      );
      ws.send("x".repeat(5_000));
      log.note("compressed", ws.bufferedAmount);
      ws.send("y".repeat(100), { compress: false });
      log.note("plain behind it", ws.bufferedAmount);
      ws.close(1000);
      log.note("close behind it", ws.bufferedAmount);
      await log.until("wire", "close");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: bufferedAmount grows without end after close`, async ({ stage, log }) => {
      const { ws } = await stage.scene(role);
      ws.terminate();
      await log.until("ws", "close");
      log.note("before", ws.bufferedAmount);
      ws.send("12345");
      ws.send("größe");
      ws.send(Buffer.alloc(10));
      ws.ping("123");
      ws.pong("1");
      log.note("after", ws.bufferedAmount);
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: bufferedAmount after terminate() with unsent data`, async ({ stage, log }) => {
      const { ws } = await stage.scene(role);
      const { _socket: socket } = ws as unknown as { _socket: { cork(): void } };
      socket.cork();
      ws.send("12345", (error) => log.note("callback", error?.constructor.name));
      ws.terminate();
      log.note("terminated", ws.bufferedAmount);
      await log.until("ws", "close");
      log.note("closed", ws.bufferedAmount);
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: resume() delivers nothing before it returns`, async ({ stage, log }) => {
      const { ws, write } = await stage.scene(role);
      ws.pause();
      write(1, "a");
      write(1, "b");
      await turn();
      await turn();
      ws.resume();
      log.note("resumed", log.count("ws", "message"));
      ws.pause();
      ws.resume();
      await log.until("ws", "message", 2);
    }),
  ),
]);
