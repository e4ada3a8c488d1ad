// A small echo server, healthy but for one fault. It shares nothing with the tester.

import type { Socket } from "node:net";
import { type TcpServer, tcpServer } from "../tcp-server.js";
import { Echo } from "./echo.js";
import type { Fault, Has } from "./fault-list.js";
import { answerTo } from "./opening.js";

/** @param fault none for the healthy server */
export function faultyServer(fault?: Fault): Promise<TcpServer> {
  const has: Has = (name) => name === fault;
  let isDead = false;
  const die = (): void => {
    isDead = true;
  };
  return tcpServer((socket) => {
    if (isDead) socket.destroy();
    else serveOne(socket, has, die);
  });
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
