// One transport, and what a test has started on it: all of it ends with the test.

import { afterEach } from "node:test";
import assert from "node:assert/strict";
import type { Connection, ConnectionFunction, ConnectOptions } from "../../dist/index.js";
import { within } from "../support/deferred.ts";
import { EventLog } from "../support/event-log.ts";
import type { Running, ServerWishes, Transport } from "./transport.ts";

export class Scene {
  readonly transport: Transport;
  /** What handlers of a test write down. */
  readonly log: EventLog = new EventLog();
  readonly #running: Running[] = [];
  readonly #connections: Connection[] = [];

  constructor(transport: Transport) {
    this.transport = transport;
    afterEach(async () => {
      for (const ws of this.#connections.splice(0)) ws.terminate();
      await Promise.all(this.#running.splice(0).map((one) => one.end()));
      this.log.clear();
    });
  }

  async start(wishes: ServerWishes = {}, run?: ConnectionFunction<unknown>): Promise<Running> {
    const running = await this.transport.start(wishes, run);
    this.#running.push(running);
    return running;
  }

  async connect(running: Running, options: ConnectOptions = {}): Promise<Connection> {
    const ws = await running.connect(options);
    this.#connections.push(ws);
    return ws;
  }

  /** A connection's both ends: the server's, and the client's. */
  async pair(
    wishes: ServerWishes = {},
    options: ConnectOptions = {},
  ): Promise<{ theirs: Connection; ours: Connection; running: Running }> {
    const opened: Connection[] = [];
    const running = await this.start({
      ...wishes,
      open: (ws, request) => {
        opened.push(ws);
        return wishes.open?.(ws, request);
      },
    });
    const ours = await this.connect(running, options);
    return { ours, theirs: opened[0] as Connection, running };
  }
}

/** The next message of a connection that is iterated. */
export async function nextOf(ws: Connection): Promise<string | Buffer> {
  const { value } = await within(ws[Symbol.asyncIterator]().next(), "a message");
  assert.notEqual(value, undefined, "the connection has ended");
  return value as string | Buffer;
}

/** How a connection ended, without the error. */
export async function endOf(
  ws: Connection,
): Promise<{ code: number; reason: string; wasClean: boolean }> {
  const { code, reason, wasClean } = await within(ws.closed, "the end of the connection");
  return { code, reason, wasClean };
}

/** A server's handlers that send everything back. */
export const echo: ServerWishes = {
  message(ws, message) {
    ws.send(message);
  },
};
