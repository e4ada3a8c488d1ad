// Listeners that write every event of an object into the log, with its arguments and, for a WebSocket,
// the state that it was in.

import type { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Log } from "./log.ts";
import { shapeOf } from "./shape.ts";
import type { WebSocket, WebSocketServer } from "./subjects.ts";

const states = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"] as const;

function stateOf(ws: WebSocket): string {
  return states[ws.readyState] ?? String(ws.readyState);
}

/** Writes down all events of the connection that may be listened to without changing what it does. */
export function watch(log: Log, ws: WebSocket, track = "ws"): void {
  const write = (word: string, ...values: unknown[]): void => {
    const shapes = values.map((value) => shapeOf(value));
    log.write(track, word, [word, ...shapes, stateOf(ws)].join(" "));
  };
  ws.on("open", (...values: unknown[]) => write("open", ...values));
  ws.on("message", (...values: unknown[]) => write("message", ...values));
  ws.on("ping", (...values: unknown[]) => write("ping", ...values));
  ws.on("pong", (...values: unknown[]) => write("pong", ...values));
  ws.on("error", (...values: unknown[]) => write("error", ...values));
  ws.on("close", (...values: unknown[]) => write("close", ...values));
  ws.on("upgrade", (response: IncomingMessage) => write("upgrade", response.statusCode));
}

/** Writes down the events of a server; its connections get tracks: "accepted", "accepted2"… */
export function watchServer(log: Log, server: WebSocketServer, track = "server"): void {
  let connections = 0;
  server.on("listening", () => log.add(track, "listening"));
  server.on("headers", (lines: string[], request: IncomingMessage) => {
    log.add(track, "headers", lines.length, request.url);
  });
  server.on("connection", (ws: WebSocket, request: IncomingMessage) => {
    connections += 1;
    watch(log, ws, connections === 1 ? "accepted" : `accepted${connections}`);
    log.add(track, "connection", request.url, ws.readyState);
  });
  server.on("error", (error: Error) => log.add(track, "error", error));
  server.on("close", (...values: unknown[]) => log.add(track, "close", ...values));
}

/** Writes down the named events of any emitter. */
export function watchEvents(
  log: Log,
  emitter: EventEmitter,
  track: string,
  names: readonly string[],
): void {
  for (const name of names) {
    emitter.on(name, (...values: unknown[]) => log.add(track, name, ...values));
  }
}
