// npm `ws`, client and server, in this process.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type PerMessageDeflateOptions, WebSocket, WebSocketServer } from "ws";
import {
  type Order,
  type Peer,
  type PeerDeflate,
  refusedPath,
  type Report,
  spokenProtocol,
} from "../contract.ts";
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

/** `ws` itself gives no more than the name of an extension: this is out of the response's header. */
const agreements = new WeakMap<WebSocket, string>();

function instrumentOf(ws: WebSocket): Instrument {
  return {
    get isOpen() {
      return ws.readyState === ws.OPEN;
    },
    get protocol() {
      return ws.protocol;
    },
    get extensions() {
      const agreed = agreements.get(ws) ?? "";
      return agreed.startsWith(ws.extensions) ? agreed : `${agreed}, but it uses ${ws.extensions}`;
    },
    send: (kind, bytes, how) => ws.send(bytes, { binary: kind === "binary", ...how }),
    ping: (payload) => ws.ping(payload),
    close: (code, reason) => ws.close(code, reason),
  };
}

/** Connects and plays, or reports the refusal. */
function runClient(
  { url = "", protocols, steps }: Order,
  deflate: PeerDeflate | undefined,
): Promise<Report> {
  const perMessageDeflate = { ...deflate, concurrencyLimit: 1 } as PerMessageDeflateOptions;
  const ws = new WebSocket(url, [...protocols], { perMessageDeflate });
  const log = logOf(ws);
  ws.on("upgrade", ({ headers }) => {
    agreements.set(ws, headers["sec-websocket-extensions"] ?? "");
  });
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

function extensionsIn(lines: readonly string[]): string {
  const name = "Sec-WebSocket-Extensions: ";
  return lines.find((line) => line.startsWith(name))?.slice(name.length) ?? "";
}

export const wsClient: Peer = {
  name: "ws, client",
  role: "client",
  answers: "the same",
  deflates: true,
  lacks: {},
  start: (_url, deflate) =>
    Promise.resolve({
      url: "",
      run: (order) => runClient(order, deflate),
      end: () => Promise.resolve(),
    }),
};

export const wsServer: Peer = {
  name: "ws, server",
  role: "server",
  answers: "the same",
  deflates: true,
  lacks: {},
  start: async (_url, deflate) => {
    const server = new WebSocketServer({
      // Its types don't know that it also takes false for a parameter.
      perMessageDeflate: (deflate ?? false) as PerMessageDeflateOptions | false,
      host: "127.0.0.1",
      port: 0,
      handleProtocols: (offers) => offers.has(spokenProtocol) && spokenProtocol,
      verifyClient: ({ req }, decide) => decide(req.url !== refusedPath, 401),
    });
    let opened: ((ws: WebSocket) => void) | undefined;
    let sent: string[] = [];
    server.on("headers", (headers) => {
      sent = headers;
    });
    server.on("connection", (ws) => {
      agreements.set(ws, extensionsIn(sent));
      opened?.(ws);
    });
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
