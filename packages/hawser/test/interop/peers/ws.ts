// npm `ws`, client and server, in this process.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import { type Order, type Peer, refusedPath, type Report, spokenProtocol } from "../contract.ts";
import { type Instrument, Log, play } from "../player.ts";

function logOf(ws: WebSocket): Log {
  const log = new Log();
  ws.on("message", (data, isBinary) => log.message(isBinary ? "binary" : "text", data as Buffer));
  ws.on("pong", (payload) => log.pong(payload.toString()));
  ws.addEventListener("close", ({ code, reason, wasClean }) =>
    log.closed({ code, reason, wasClean }),
  );
  // What went wrong shows in the report.
  ws.on("error", () => undefined);
  return log;
}

function instrumentOf(ws: WebSocket): Instrument {
  return {
    get isOpen() {
      return ws.readyState === ws.OPEN;
    },
    get protocol() {
      return ws.protocol;
    },
    send: (kind, bytes, fin) => ws.send(bytes, { binary: kind === "binary", fin }),
    ping: (payload) => ws.ping(payload),
    close: (code, reason) => ws.close(code, reason),
  };
}

/** Connects and plays, or reports the refusal. */
function runClient({ url = "", protocols, steps }: Order): Promise<Report> {
  const ws = new WebSocket(url, [...protocols]);
  const log = logOf(ws);
  return new Promise((resolve, reject) => {
    ws.on("open", () => {
      play(steps, instrumentOf(ws), log).then(resolve, reject);
    });
    ws.on("unexpected-response", (request, { statusCode }) => {
      request.destroy();
      resolve(statusCode === undefined ? { refused: true } : { refused: true, status: statusCode });
    });
    ws.on("error", reject);
  });
}

export const wsClient: Peer = {
  name: "ws, client",
  role: "client",
  answers: "the same",
  lacks: {},
  start: () => Promise.resolve({ url: "", run: runClient, end: () => Promise.resolve() }),
};

export const wsServer: Peer = {
  name: "ws, server",
  role: "server",
  answers: "the same",
  lacks: {},
  start: async () => {
    const server = new WebSocketServer({
      host: "127.0.0.1",
      port: 0,
      handleProtocols: (offers) => offers.has(spokenProtocol) && spokenProtocol,
      verifyClient: ({ req }, decide) => decide(req.url !== refusedPath, 401),
    });
    let opened: ((ws: WebSocket) => void) | undefined;
    server.on("connection", (ws) => opened?.(ws));
    await once(server, "listening");
    return {
      url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
      run: ({ steps }) =>
        new Promise<Report>((resolve, reject) => {
          opened = (ws) => {
            play(steps, instrumentOf(ws), logOf(ws)).then(resolve, reject);
          };
        }),
      end: async () => {
        for (const ws of server.clients) ws.terminate();
        server.close();
        await once(server, "close");
      },
    };
  },
};
