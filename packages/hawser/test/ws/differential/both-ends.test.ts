// Both ends are the subject's: whole conversations, and when what is sent reaches the socket.

import { once } from "node:events";
import type { Socket } from "node:net";
import { differential, type Play, script } from "./runner.ts";
import { portOf, roles } from "./stage.ts";
import type { Loose, WebSocket } from "./subjects.ts";

/** A client and the server's WebSocket: tracks "ws" and "accepted". */
async function conversation(
  { stage, log }: Play,
  serverOptions: Loose = {},
  clientOptions: Loose = {},
): Promise<{ client: WebSocket; accepted: WebSocket }> {
  const server = await stage.server(serverOptions);
  const connection = once(server, "connection") as Promise<[WebSocket]>;
  const client = stage.client(`ws://127.0.0.1:${portOf(server)}/`, [], clientOptions);
  await log.until("ws", "open");
  const [accepted] = await connection;
  return { client, accepted };
}

const sizes = [0, 1, 125, 126, 65_535, 65_536, 1_000_000];

differential("both ends", [
  ...sizes.flatMap((size) =>
    [false, true].map((perMessageDeflate) =>
      script(`${size} bytes, compression ${perMessageDeflate}`, async (play) => {
        const { client, accepted } = await conversation(play, { perMessageDeflate });
        accepted.on("message", (data, isBinary) => accepted.send(data, { binary: isBinary }));
        client.send("x".repeat(size));
        client.send(Buffer.alloc(size, "abc"));
        await play.log.until("ws", "message", 2);
        client.close(1000, "done");
        await play.log.until("ws", "close");
        await play.log.until("accepted", "close");
      }),
    ),
  ),
  script("a Float32Array of 5 elements and one of 500,000 bytes", async (play) => {
    const { client } = await conversation(play);
    const floats = new Float32Array(5).map((_, i) => i / 2);
    client.send(floats);
    client.send(floats.buffer);
    client.send(new Float32Array(125_000).fill(1.5));
    await play.log.until("accepted", "message", 3);
  }),
  script("three hundred messages keep their order", async (play) => {
    const { client } = await conversation(play, { perMessageDeflate: true });
    for (let i = 0; i < 300; i++) client.send(`message ${i}`);
    await play.log.until("accepted", "message", 300);
  }),
  script("pings of both sides", async (play) => {
    const { client, accepted } = await conversation(play);
    client.ping("from the client");
    accepted.ping("from the server");
    await play.log.until("ws", "pong");
    await play.log.until("accepted", "pong");
  }),
  ...[false, true].map((perMessageDeflate) =>
    script(`broadcasts, compression ${perMessageDeflate}`, async (play) => {
      const { stage, log } = play;
      const server = await stage.server({ perMessageDeflate });
      const names = ["a", "b", "c"];
      const clients: WebSocket[] = [];
      for (const [i, name] of names.entries()) {
        const ws = stage.keep(stage.make(`ws://127.0.0.1:${portOf(server)}/`));
        ws.on("message", (data, isBinary) => log.add(name, "message", data, isBinary));
        clients.push(ws);
        await log.until("server", "connection", i + 1);
      }
      const all = [...server.clients];
      for (const text of ["to all", "and again", "", "é".repeat(200)]) {
        for (const ws of all) ws.send(text);
      }
      const bytes = Buffer.from("bytes");
      for (const ws of all) ws.send(bytes);
      for (const ws of all) ws.send(bytes, { binary: false });
      // Each gets what is there when it is sent; memory must not change while ws compresses it.
      for (const [i, ws] of all.entries()) {
        if (!perMessageDeflate) bytes[0] = 0x61 + i;
        ws.send(bytes);
      }
      // In a message in fragments it is a part.
      all[1]?.send("begun ", { fin: false });
      for (const ws of all) ws.send("to all");
      const count = 8;
      for (const name of names) await log.until(name, "message", count);
      for (const ws of clients) ws.close();
      for (const track of ["accepted", "accepted2", "accepted3"]) await log.until(track, "close");
    }),
  ),
  script("both close at once", async (play) => {
    const { client, accepted } = await conversation(play);
    client.close(4000, "client");
    accepted.close(4001, "server");
    await play.log.until("ws", "close");
    await play.log.until("accepted", "close");
  }),
  ...(["close", "terminate"] as const).flatMap((method) =>
    roles.map((role) =>
      script(`${method}() of the ${role}`, async (play) => {
        const { client, accepted } = await conversation(play);
        (role === "client" ? client : accepted)[method]();
        await play.log.until("ws", "close");
        await play.log.until("accepted", "close");
      }),
    ),
  ),
  script("streams on both ends, piped into each other", async (play) => {
    const { subject, log } = play;
    const { client, accepted } = await conversation(play);
    const near = subject.createWebSocketStream(client, { encoding: "utf8" });
    const far = subject.createWebSocketStream(accepted);
    far.pipe(far);
    let text = "";
    near.on("data", (chunk: string) => {
      text += chunk;
      if (text.length >= 300_000) near.end();
    });
    near.on("close", () => log.note("close", text));
    near.write("x".repeat(100_000));
    near.write("y".repeat(200_000));
    await log.until("script", "close");
  }),
  script("maxPayload of the server", async (play) => {
    const { client } = await conversation(play, { maxPayload: 10 });
    client.send("x".repeat(11));
    await play.log.until("ws", "close");
    await play.log.until("accepted", "close");
  }),
  script("maxPayload of the client", async (play) => {
    const { accepted } = await conversation(play, {}, { maxPayload: 10 });
    accepted.send("x".repeat(11));
    await play.log.until("ws", "close");
    await play.log.until("accepted", "close");
  }),
  ...roles.map((role) =>
    script(`${role}: _socket is there while the connection is open`, async (play) => {
      const { client, accepted } = await conversation(play);
      const ws = role === "client" ? client : accepted;
      const { _socket: socket } = ws as unknown as { _socket: Socket };
      play.log.note("open", socket.remoteAddress, socket.destroyed);
      ws.terminate();
      play.log.note("terminated", socket.destroyed);
      await play.log.until(role === "client" ? "ws" : "accepted", "close");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: what is sent is with the socket when send() returns`, async (play) => {
      const { client, accepted } = await conversation(play);
      const ws = role === "client" ? client : accepted;
      const { _socket: socket } = ws as unknown as { _socket: Socket };
      const before = socket.bytesWritten;
      ws.send("hello");
      play.log.note("written", socket.bytesWritten - before);
      ws.ping("p");
      play.log.note("written", socket.bytesWritten - before);
      await play.log.until(role === "client" ? "accepted" : "ws", "ping");
    }),
  ),
]);
