// Servers and connections of one check, which end with it.

import { Buffer } from "node:buffer";
import {
  type Connection,
  connect,
  type ConnectOptions,
  HandshakeError,
  type ListenOptions,
  serve,
  type Server,
  type ServerOptions,
} from "../../dist/index.js";
import { same } from "./check.ts";

export const echo: ServerOptions = { message: (ws, message) => void ws.send(message) };

/** Runs with a server, which is ended after it. */
export async function withServer(
  options: ServerOptions & ListenOptions,
  run: (server: Server) => Promise<void>,
): Promise<void> {
  const server = await serve({ hostname: "127.0.0.1", ...options });
  try {
    await run(server);
  } finally {
    await server.close({ timeoutMs: 300 });
  }
}

/** Runs with a connection to a server. */
export function withPair(
  options: ServerOptions & ListenOptions,
  run: (ws: Connection, server: Server) => Promise<void>,
  client: ConnectOptions = {},
): Promise<void> {
  return withServer(options, async (server) => {
    const ws = await connect(server.url, client);
    try {
      await run(ws, server);
    } finally {
      ws.terminate();
    }
  });
}

export async function echoes(ws: Connection, sizes: readonly number[]): Promise<void> {
  const messages = ws[Symbol.asyncIterator]();
  for (const size of sizes) {
    const binary = Buffer.alloc(size, "0123456789");
    for (const message of ["ä".repeat(size / 2), binary]) {
      ws.send(message);
      const { value } = await messages.next();
      if (typeof message === "string") same(value, message, "the text");
      else if (!binary.equals(value as Buffer)) throw new Error(`${size} bytes came back changed`);
    }
  }
}

export async function closedOf(ws: Connection): Promise<unknown> {
  const { code, reason, wasClean } = await ws.closed;
  return [code, reason, wasClean];
}

export async function statusOf(server: Server, options: ConnectOptions = {}): Promise<unknown> {
  try {
    (await connect(server.url, options)).terminate();
    return "accepted";
  } catch (error) {
    return error instanceof HandshakeError ? error.status : String(error);
  }
}

export const sizes: readonly number[] = [0, 2, 126, 4_000, 70_000, 600_000];
