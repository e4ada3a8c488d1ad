// A small echo server, healthy but for one fault. It shares nothing with the tester.

import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { Echo } from "./echo.js";
import type { Fault, Has } from "./fault-list.js";
import { answerTo } from "./opening.js";

export interface FaultyServer {
  readonly url: URL;
  close(): Promise<void>;
}

/** @param fault none for the healthy server */
export async function faultyServer(fault?: Fault): Promise<FaultyServer> {
  const has: Has = (name) => name === fault;
  const sockets = new Set<Socket>();
  let isDead = false;
  const die = (): void => {
    isDead = true;
  };
  const server: Server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    if (isDead) socket.destroy();
    else serveOne(socket, has, die);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`ws://127.0.0.1:${port}`),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function serveOne(socket: Socket, has: Has, die: () => void): void {
  let head = Buffer.alloc(0);
  let echo: Echo | undefined;
  socket.on("data", (chunk: Buffer) => {
    if (echo !== undefined) return echo.receive(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    const { response, isOpen, deflate } = answerTo(head.toString("latin1", 0, end), has);
    socket.write(response, "latin1");
    if (!isOpen) return void socket.end();
    echo = new Echo(socket, has, deflate, die);
    const rest = head.subarray(end + 4);
    if (!has("loses what comes with the request")) echo.receive(rest);
  });
  socket.on("end", () => {
    if (has("does not notice that TCP ends")) return;
    if (has("dies when TCP ends within a frame") && echo?.isWithinFrame === true) die();
    socket.end();
  });
}
