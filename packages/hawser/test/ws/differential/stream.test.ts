// `createWebSocketStream`: reading, writing, ending, destroying, errors of either side, and backpressure.

import { once } from "node:events";
import type { Duplex } from "node:stream";
import { finished } from "node:stream/promises";
import { turn } from "../../support/deferred.ts";
import { closeFrame, frame } from "../../support/frame.ts";
import { differential, type Play, type Script, script } from "./runner.ts";
import { type Role, roles, type Scene } from "./stage.ts";
import type { Loose } from "./subjects.ts";
import { watchEvents } from "./watch.ts";

const events = ["open", "ready", "data", "end", "finish", "error", "close", "drain"];

interface StreamScene extends Scene {
  readonly stream: Duplex;
}

/** A scene with a stream on it, whose events are on the track "stream". */
async function streamOn(
  { subject, stage, log }: Play,
  role: Role,
  options: Loose = {},
  isFlowing = true,
): Promise<StreamScene> {
  const scene = await stage.scene(
    role,
    { closeTimeout: 2_000 },
    {
      onFrame: ({ opcode, payload }) => {
        if (opcode !== 8) return;
        scene.write(8, payload);
        scene.peer.socket.end();
      },
    },
  );
  const stream = subject.createWebSocketStream(scene.ws, options);
  stage.atEnd(() => void stream.destroy());
  const names = isFlowing ? events : events.filter((name) => name !== "data");
  watchEvents(log, stream, "stream", names);
  return { ...scene, stream };
}

/** The peer's end ends what is read; what is written is ended by us. */
async function endAfterRead({ log }: Play, stream: Duplex): Promise<void> {
  await log.until("stream", "end");
  log.note("still writable", stream.writable, stream.destroyed);
  stream.end();
  await log.until("stream", "close");
}

function onBoth(title: string, play: (play: Play, role: Role) => Promise<void>): Script[] {
  return roles.map((role) => script(`${role}: ${title}`, (one) => play(one, role)));
}

const readOptions: [string, Loose][] = [
  ["no options", {}],
  ["readableObjectMode", { readableObjectMode: true }],
  ["objectMode", { objectMode: true }],
  ["writableObjectMode", { writableObjectMode: true }],
  ["decodeStrings false", { decodeStrings: false }],
  ["encoding", { encoding: "utf8" }],
  ["small high-water marks", { readableHighWaterMark: 1, writableHighWaterMark: 1 }],
  ["allowHalfOpen false", { allowHalfOpen: false }],
  ["autoDestroy true", { autoDestroy: true }],
  ["emitClose true", { emitClose: true }],
];

differential("streams", [
  ...readOptions.flatMap(([title, options]) =>
    onBoth(`properties with ${title}`, async (play, role) => {
      const { stream } = await streamOn(play, role, options, false);
      const { log } = play;
      log.note("modes", stream.readableObjectMode, stream.writableObjectMode);
      log.note("marks", stream.readableHighWaterMark, stream.writableHighWaterMark);
      log.note("more", stream.allowHalfOpen, stream.readableEncoding, stream.constructor.name);
    }),
  ),
  ...readOptions.flatMap(([title, options]) =>
    onBoth(`text and binary are read with ${title}`, async (play, role) => {
      const { write } = await streamOn(play, role, options);
      write(1, "text");
      await play.log.until("stream", "data");
      write(2, "binary");
      await play.log.until("stream", "data", 2);
      write(1, "größe");
      await play.log.until("stream", "data", 3);
    }),
  ),
  ...onBoth("the kinds of what is written", async (play, role) => {
    const { stream } = await streamOn(play, role);
    for (const chunk of ["text", Buffer.from("bytes"), new Uint8Array([1, 2]), ""]) {
      stream.write(chunk, (error) => play.log.note("callback", error));
    }
    await play.log.until("script", "callback", 4);
    for (const bad of [null, 5, {}, true]) {
      play.log.attempt("write", () => stream.write(bad));
    }
  }),
  ...onBoth("decodeStrings false writes text", async (play, role) => {
    const { stream } = await streamOn(play, role, { decodeStrings: false });
    stream.write("text");
    stream.write(Buffer.from("bytes"));
    await play.log.until("wire", "binary");
  }),
  ...onBoth("cork and uncork", async (play, role) => {
    const { stream } = await streamOn(play, role);
    stream.cork();
    stream.write("one");
    stream.write("two");
    await turn();
    play.log.note("corked", play.log.count("wire", "binary"));
    stream.uncork();
    await play.log.until("wire", "binary", 2);
  }),
  ...onBoth("end() closes the connection", async (play, role) => {
    const { stream } = await streamOn(play, role);
    stream.write("last");
    stream.end();
    await play.log.until("stream", "close");
    await play.log.until("ws", "close");
    play.log.note("state", stream.destroyed, stream.readableEnded, stream.writableFinished);
  }),
  ...onBoth("end(data)", async (play, role) => {
    const { stream } = await streamOn(play, role);
    stream.end("data", () => play.log.note("callback"));
    await play.log.until("stream", "close");
  }),
  ...onBoth("the peer closes", async (play, role) => {
    const { stream, peer } = await streamOn(play, role);
    peer.write(closeFrame(1000, "bye", { masked: role === "server" }));
    await endAfterRead(play, stream);
    await play.log.until("ws", "close");
  }),
  ...onBoth("the peer closes and nobody reads", async (play, role) => {
    const { stream, peer, ws } = await streamOn(play, role, {}, false);
    peer.write(closeFrame(1000, "bye", { masked: role === "server" }));
    await play.log.until("ws", "close");
    await turn();
    play.log.note("state", stream.destroyed, stream.readableEnded, ws.readyState);
    stream.resume();
    await endAfterRead(play, stream);
  }),
  ...onBoth("the peer closes behind messages that nobody has read", async (play, role) => {
    const { stream, peer } = await streamOn(play, role, {}, false);
    const masked = role === "server";
    const messages = [1, 2, 3].map((n) => frame(1, `m${n}`, { masked }));
    peer.write(Buffer.concat([...messages, closeFrame(1000, "", { masked })]));
    await play.log.until("ws", "close");
    stream.on("data", (chunk: Buffer) => play.log.add("stream", "read", chunk));
    await endAfterRead(play, stream);
  }),
  ...onBoth("the peer goes without a Close frame", async (play, role) => {
    const { stream, peer } = await streamOn(play, role);
    peer.socket.end();
    await endAfterRead(play, stream);
    await play.log.until("ws", "close");
  }),
  ...onBoth("destroy()", async (play, role) => {
    const { stream } = await streamOn(play, role);
    stream.destroy();
    play.log.note("destroyed", stream.destroyed);
    await play.log.until("stream", "close");
    await play.log.until("ws", "close");
  }),
  ...onBoth("destroy(error)", async (play, role) => {
    const { stream } = await streamOn(play, role);
    stream.destroy(new Error("mine"));
    await play.log.until("stream", "close");
    await play.log.until("ws", "close");
  }),
  ...onBoth("destroy() twice", async (play, role) => {
    const { stream } = await streamOn(play, role);
    stream.destroy();
    stream.destroy(new Error("late"));
    await play.log.until("stream", "close");
  }),
  ...onBoth("destroy() while a write is pending", async (play, role) => {
    const { stream } = await streamOn(play, role);
    stream.write("data", (error) => play.log.note("callback", error?.constructor.name));
    stream.destroy();
    await play.log.until("stream", "close");
  }),
  ...onBoth("a fault of the peer is an error of the stream", async (play, role) => {
    const { write } = await streamOn(play, role);
    write(3);
    await play.log.until("stream", "close");
    await play.log.until("ws", "close");
  }),
  ...onBoth(
    "terminate() of the connection: the stream ends, and does not finish",
    async (play, role) => {
      const { stream, ws } = await streamOn(play, role);
      ws.terminate();
      await play.log.until("stream", "end");
      await play.log.until("ws", "close");
      stream.end(() => play.log.note("ended"));
      for (let i = 0; i < 10; i++) await turn();
      play.log.note("state", stream.writableFinished, stream.destroyed);
    },
  ),
  ...onBoth("close() of the connection", async (play, role) => {
    const { stream, ws } = await streamOn(play, role);
    ws.close(1000);
    await endAfterRead(play, stream);
  }),
  ...onBoth("writing when the connection closes", async (play, role) => {
    const { stream, ws } = await streamOn(play, role);
    ws.close(1000);
    stream.write("late", (error) => play.log.note("callback", error));
    await play.log.until("stream", "close");
  }),
  ...onBoth("ending a connection that is closed", async (play, role) => {
    const { stream, ws } = await streamOn(play, role, {}, false);
    ws.terminate();
    await play.log.until("ws", "close");
    stream.end(() => play.log.note("ended"));
    stream.resume();
    await play.log.until("stream", "end");
    for (let i = 0; i < 10; i++) await turn();
    play.log.note("state", stream.writableFinished, stream.destroyed);
  }),
  ...onBoth("a stream on a connection that is closed", async ({ subject, stage, log }, role) => {
    const { ws } = await stage.scene(role);
    ws.terminate();
    await log.until("ws", "close");
    const stream = subject.createWebSocketStream(ws);
    watchEvents(log, stream, "stream", events);
    log.note("state", stream.destroyed, stream.readable, stream.writable);
    stream.write("x");
    await log.until("stream", "error");
  }),
  ...onBoth("reading pauses the connection behind the high-water mark", async (play, role) => {
    const { stream, ws, write } = await streamOn(play, role, { readableHighWaterMark: 4 }, false);
    write(2, "123456");
    await once(stream, "readable");
    await turn();
    play.log.note("paused", ws.isPaused, stream.readableLength);
    const chunk = stream.read() as Buffer;
    await turn();
    play.log.note("read", chunk, ws.isPaused);
    write(2, "more");
    await once(stream, "readable");
    play.log.note("read", stream.read());
  }),
  ...onBoth("listeners that a stream adds", async ({ subject, stage, log }, role) => {
    const { ws } = await stage.scene(role);
    const counts = (): unknown[] =>
      ["open", "message", "error", "close"].map((name) => ws.listenerCount(name));
    log.note("before", counts());
    const stream = subject.createWebSocketStream(ws);
    log.note("with", counts());
    stream.destroy();
    await once(stream, "close");
    log.note("after", counts());
  }),
  ...onBoth("finished() and async iteration", async (play, role) => {
    const { stream, peer } = await streamOn(play, role, {}, false);
    const masked = role === "server";
    const messages = ["a", "b", "c"].map((text) => frame(1, text, { masked }));
    peer.write(Buffer.concat([...messages, closeFrame(1000, "", { masked })]));
    const done = finished(stream).then(() => play.log.note("finished"));
    stream.end();
    for await (const chunk of stream) play.log.note("chunk", chunk);
    await done;
  }),
  ...onBoth("a large write comes out whole", async (play, role) => {
    const { stream } = await streamOn(play, role);
    play.log.note("write", stream.write(Buffer.alloc(300_000, "abc")));
    stream.end();
    await play.log.until("stream", "close");
  }),
  ...onBoth("setEncoding", async (play, role) => {
    const { stream, write } = await streamOn(play, role);
    stream.setEncoding("utf8");
    write(2, Buffer.from("größe").subarray(0, 3));
    write(2, Buffer.from("größe").subarray(3));
    await play.log.until("stream", "data", 2);
  }),
  script("writes wait for open", async ({ subject, stage, log }) => {
    const server = await stage.server();
    const { port } = server.address() as { port: number };
    const ws = stage.client(`ws://127.0.0.1:${port}/`);
    const stream = subject.createWebSocketStream(ws);
    watchEvents(log, stream, "stream", events);
    log.note("write", stream.write("one"), ws.readyState);
    stream.end("two");
    await log.until("stream", "close");
    await log.until("accepted", "close");
  }),
  script("destroy() while connecting", async ({ subject, stage, log }) => {
    const ws = stage.client(`ws://127.0.0.1:${await stage.deadPort()}/`);
    const stream = subject.createWebSocketStream(ws);
    watchEvents(log, stream, "stream", events);
    stream.destroy();
    await log.until("stream", "close");
    await log.until("ws", "close");
  }),
  script("end() while connecting", async ({ subject, stage, log }) => {
    const server = await stage.server();
    const { port } = server.address() as { port: number };
    const ws = stage.client(`ws://127.0.0.1:${port}/`);
    const stream = subject.createWebSocketStream(ws);
    watchEvents(log, stream, "stream", events);
    stream.end();
    await log.until("stream", "close");
  }),
  script("a connection that fails", async ({ subject, stage, log }) => {
    const ws = stage.client(`ws://127.0.0.1:${await stage.deadPort()}/`);
    const stream = subject.createWebSocketStream(ws);
    watchEvents(log, stream, "stream", events);
    stream.write("never", (error) => log.note("callback", error));
    await log.until("stream", "close");
    await log.until("ws", "close");
  }),
  script("an error of the connection without a listener of the stream", async (play) => {
    const { subject, stage, log } = play;
    stage.catchUncaught();
    const ws = stage.client(`ws://127.0.0.1:${await stage.deadPort()}/`);
    const stream = subject.createWebSocketStream(ws);
    stream.on("close", () => log.add("stream", "close"));
    await log.until("stream", "close");
    await log.until("ws", "close");
  }),
]);
