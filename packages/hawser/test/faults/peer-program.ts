// One peer, a server or a client, that can be stopped, cut off or kept busy from outside. It tells all
// that its handlers are told.

import type { AddressInfo } from "node:net";
import {
  connect,
  type Connection,
  type ConnectionOptions,
  type HawserError,
  serve,
} from "../../dist/index.js";
import { obey, tell } from "./program.ts";

const handlers = {
  open: (): void => tell("open"),
  message: (_ws: Connection, message: string | Buffer): void => tell("message", message.length),
  close: (_ws: Connection, code: number): void => tell("close", code),
  error: (error: unknown): void => tell("error", (error as HawserError).code),
};

obey({
  async serve(hostname: string, options: ConnectionOptions) {
    const server = await serve({ hostname, ...handlers, ...options });
    tell("listening", (server.address() as AddressInfo).port);
  },
  async connect(url: string, options: ConnectionOptions) {
    const { message, close, error } = handlers;
    const ws = await connect(url, { message, close, error, ...options });
    ws.send("here");
  },
});
