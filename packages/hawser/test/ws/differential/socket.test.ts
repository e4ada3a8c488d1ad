// The socket below a WebSocket, which programs reach for: they listen to its bytes, write frames of their own
// to it, push into it, and pause, end or destroy it. And frames that they make themselves.

import { once } from "node:events";
import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { turn } from "../../support/deferred.ts";
import { closeFrame, frame } from "../../support/frame.ts";
import { differential, type Play, script } from "./runner.ts";
import { type Role, roles, type Scene, type SceneOptions } from "./stage.ts";
import type { ErrorCallback, Loose, Sender, WebSocket } from "./subjects.ts";

function socketOf(ws: WebSocket): Socket {
  const { _socket: socket } = ws as unknown as { _socket: Socket };
  return socket;
}

function senderOf(ws: WebSocket): Sender {
  const { _sender: sender } = ws as unknown as { _sender: Sender };
  return sender;
}

/** A scene whose peer answers the Close frame and ends. */
function polite(
  { stage }: Play,
  role: Role,
  options: Loose = {},
  more: SceneOptions = {},
): Promise<Scene> {
  return stage.scene(role, options, {
    ...more,
    onFrame: ({ opcode, payload }, peer) => {
      if (opcode !== 8) return;
      peer.write(frame(8, payload, { masked: role === "server" }));
      peer.socket.end();
    },
  });
}

function both(title: string, play: (scene: Scene, play: Play) => Promise<void>, options?: Loose) {
  return roles.map((role) =>
    script(`${role}: ${title}`, async (one) => play(await polite(one, role, options), one)),
  );
}

/** Writes down what the socket brings to its listeners. */
function listen(socket: Socket, { log }: Play): void {
  socket.on("data", (chunk: Buffer) => log.add("socket", "data", Buffer.from(chunk)));
}

const compressing: Loose = { perMessageDeflate: { threshold: 0 } };
const compressed: SceneOptions = { fields: { "Sec-WebSocket-Extensions": "permessage-deflate" } };

differential("the socket", [
  ...both("its data can be listened to", async ({ ws, write, peer }, play) => {
    socketOf(ws).prependListener("data", (chunk: Buffer) =>
      play.log.add("socket", "data", chunk.subarray(0, 2)),
    );
    write(1, "hello");
    await play.log.until("ws", "message");
    peer.socket.end();
    await play.log.until("ws", "close");
  }),
  ...both("a listener once", async ({ ws, write }, play) => {
    socketOf(ws).once("data", (chunk: Buffer) => play.log.note("once", chunk.length));
    write(1, "one");
    await play.log.until("ws", "message");
    write(1, "two");
    await play.log.until("ws", "message", 2);
  }),
  ...both("piped elsewhere as well", async ({ ws, write }, play) => {
    const elsewhere = new PassThrough();
    socketOf(ws).pipe(elsewhere);
    const arrived = once(elsewhere, "data") as Promise<[Buffer]>;
    write(1, "hello");
    play.log.note("piped", (await arrived)[0].length);
    await play.log.until("ws", "message");
  }),
  ...both("who takes its listeners away gets the bytes", async ({ ws, peer, role }, play) => {
    socketOf(ws).removeAllListeners("data");
    listen(socketOf(ws), play);
    peer.write(frame(1, "hello", { masked: role === "server" }));
    await play.log.until("socket", "data");
  }),
  ...both("what is pushed into it has come", async ({ ws, role }, play) => {
    const masked = role === "server";
    socketOf(ws).push(
      Buffer.concat([frame(1, "hi", { masked }), closeFrame(1000, "", { masked })]),
    );
    await play.log.until("ws", "close");
    await play.log.until("wire", "end");
  }),
  ...both(
    "what is pushed into it is too long",
    async ({ ws, role }, play) => {
      socketOf(ws).push(frame(2, Buffer.alloc(11), { masked: role === "server" }));
      await play.log.until("ws", "close");
      await play.log.until("wire", "end");
    },
    { maxPayload: 10 },
  ),
  ...both("pause() and resume() are the socket's", async ({ ws }, play) => {
    const socket = socketOf(ws);
    for (const event of ["pause", "resume"]) socket.on(event, () => play.log.note(event));
    play.log.note("before", socket.isPaused());
    ws.pause();
    play.log.note("paused", socket.isPaused());
    ws.resume();
    play.log.note("resumed", socket.isPaused());
    await play.log.until("script", "resume");
  }),
  ...both("paused by itself before a Close frame", async ({ ws, role }, play) => {
    ws.on("message", () => socketOf(ws).pause());
    const masked = role === "server";
    const bytes = Buffer.concat([frame(1, "a", { masked }), closeFrame(1000, "", { masked })]);
    socketOf(ws).push(bytes);
    await play.log.until("ws", "close");
  }),
  ...both("paused by itself before a fault", async ({ ws, role }, play) => {
    ws.on("message", () => socketOf(ws).pause());
    const masked = role === "server";
    socketOf(ws).push(Buffer.concat([frame(1, "a", { masked }), frame(5, "", { masked })]));
    await play.log.until("ws", "close");
  }),
  ...both("frames written to it keep the order", async ({ ws, role }, play) => {
    const masked = role === "client";
    ws.send("first");
    socketOf(ws).write(frame(1, "second", { masked }));
    ws.send("third");
    await play.log.until("wire", "text", 3);
  }),
  ...both("each message is written when somebody listens", async ({ ws }, play) => {
    const socket = socketOf(ws);
    socket.on("error", () => undefined);
    const before = socket.bytesWritten;
    ws.send("hello");
    play.log.note("sent", socket.bytesWritten - before);
    ws.ping("p");
    play.log.note("pinged", socket.bytesWritten - before);
    ws.close(1000);
    play.log.note("closed", socket.bytesWritten - before);
    await play.log.until("ws", "close");
  }),
  ...both("end()", async ({ ws }, play) => {
    ws.send("last");
    socketOf(ws).end();
    await play.log.until("wire", "end");
  }),
  ...both("destroy()", async ({ ws }, play) => {
    socketOf(ws).destroy();
    play.log.note("state", ws.readyState);
    await play.log.until("ws", "close");
  }),
  ...both("destroy() with an error", async ({ ws }, play) => {
    socketOf(ws).destroy(new Error("mine"));
    await play.log.until("ws", "close");
  }),
  ...both("an error that is emitted", async ({ ws }, play) => {
    socketOf(ws).emit("error", new Error("mine"));
    play.log.note("state", ws.readyState, socketOf(ws).destroyed);
    await play.log.until("ws", "close");
  }),
  ...both("setTimeout()", async ({ ws }, play) => {
    socketOf(ws).setTimeout(10, () => {
      play.log.note("timeout");
      ws.terminate();
    });
    await play.log.until("ws", "close");
  }),
  ...both("its errors are not the connection's", async ({ ws, peer }, play) => {
    socketOf(ws).on("error", () => play.log.note("socket error"));
    peer.socket.resetAndDestroy();
    await play.log.until("ws", "close");
  }),
  ...roles.map((role) =>
    script(`${role}: a faulty frame of each side at once`, async (play) => {
      const { ws, write } = await polite(play, role);
      socketOf(ws).write(frame(5, "", { masked: role === "client" }));
      ws.close(1000);
      write(5);
      await play.log.until("ws", "close");
    }),
  ),
  ...both("the sender: ping, pong and send", async ({ ws, role }, play) => {
    const sender = senderOf(ws);
    const mask = role === "client";
    const tell =
      (name: string): ErrorCallback =>
      (error) =>
        play.log.note(name, error ?? null);
    sender.ping("ping", mask, tell("ping"));
    sender.pong("pong", mask, tell("pong"));
    sender.send("data", { binary: false, compress: false, fin: true, mask }, tell("send"));
    await play.log.until("wire", "text");
    await play.log.until("script", "send");
  }),
  ...both("frames of their own, between the fragments of a message", async ({ ws, role }, play) => {
    const { Sender } = play.subject;
    const options = { opcode: 0, fin: false, mask: role === "client", readOnly: true };
    ws.send("a", { fin: false });
    senderOf(ws).sendFrame(Sender.frame(Buffer.from("b"), options), () => play.log.note("called"));
    ws.send("c");
    await play.log.until("wire", "continuation", 2);
    await play.log.until("script", "called");
  }),
  ...both("frames of their own, behind the Close frame", async ({ ws, role }, play) => {
    const { Sender } = play.subject;
    const options = { opcode: 9, fin: true, mask: role === "client", readOnly: true };
    ws.close(1000);
    senderOf(ws).sendFrame(Sender.frame(Buffer.from("late"), options));
    await play.log.until("wire", "ping");
  }),
  ...roles.map((role) =>
    script(
      `${role}: frames of their own pass by what is compressed`,
      async ({ stage, log, subject }) => {
        const { ws } = await stage.scene(role, compressing, compressed);
        const options = { opcode: 9, fin: true, mask: role === "client", readOnly: true };
        const written = new Promise<void>((resolve) => {
          ws.send(Buffer.alloc(200_000, "abc"), () => resolve());
          senderOf(ws).sendFrame(subject.Sender.frame(Buffer.from("p"), options), () =>
            log.note("called"),
          );
        });
        await written;
        await log.until("wire", "binary");
      },
    ),
  ),
  ...roles.flatMap((role) =>
    [[true], [false, true], [true, false], [true, true, false]].map((wrong) =>
      script(`${role}: fragments masked ${wrong.join(", ")} against the rule`, async (play) => {
        const { ws } = await polite(play, role);
        const parts = [...wrong, false];
        for (const [i, isWrong] of parts.entries()) {
          const mask = (role === "client") !== isWrong;
          ws.send(`${i}`, { fin: i === parts.length - 1, mask }, (error) =>
            play.log.note("called", error),
          );
        }
        ws.send("whole", { binary: true });
        await play.log.until("wire", "binary");
      }),
    ),
  ),
  ...roles.map((role) =>
    script(`${role}: masked against the rule behind what is compressed`, async ({ stage, log }) => {
      const { ws } = await stage.scene(role, compressing, compressed);
      const mask = role !== "client";
      ws.send(Buffer.alloc(200_000, "abc"), () => log.note("large"));
      ws.send("small", { mask, compress: false }, () => log.note("small"));
      await log.until("wire", "text");
      await log.until("script", "small");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: terminate() drops what is compressed and all behind it`, async (play) => {
      const { stage, log } = play;
      const { ws } = await stage.scene(role, compressing, compressed);
      const tell =
        (name: string): ErrorCallback =>
        (error) =>
          log.note(name, error);
      ws.send("plain", { compress: false }, tell("plain"));
      ws.send("compressed", tell("compressed"));
      ws.send("behind", { compress: false }, tell("behind"));
      ws.terminate();
      await log.until("ws", "close");
      await log.until("wire", "end");
    }),
  ),
  ...both("callbacks of what the socket still has", async ({ ws, peer }, play) => {
    peer.socket.pause();
    const tell =
      (name: string): ErrorCallback =>
      (error) =>
        play.log.note(name, (error as NodeJS.ErrnoException | null)?.code);
    ws.send(Buffer.alloc(16 * 1024 * 1024), tell("large"));
    ws.send("small", tell("small"));
    for (let i = 0; i < 5; i++) await turn();
    ws.terminate();
    await play.log.until("ws", "close");
  }),
]);
