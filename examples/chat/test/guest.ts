// A client of the chat that shows every message it gets, in order: a test that expects one message
// also sees that no other came before it.

import { type Closed, type Connection, connect, type Sendable, type Server } from "hawser";
import type { ServerMessage } from "../dist/messages.js";
import type { Person } from "../dist/server.js";

export class Guest {
  readonly #ws: Connection;
  readonly #messages: AsyncIterator<string | Uint8Array>;

  constructor(ws: Connection) {
    this.#ws = ws;
    this.#messages = ws[Symbol.asyncIterator]();
  }

  /** Connects, and does not join yet. */
  static async connect(server: { readonly url: string }): Promise<Guest> {
    return new Guest(await connect(`${server.url}/chat`));
  }

  /** Connects, joins, and returns after the welcome. */
  static async join(server: { readonly url: string }, name: string): Promise<Guest> {
    const guest = await Guest.connect(server);
    guest.send({ type: "join", name });
    const { type } = await guest.next();
    if (type !== "welcome") throw new Error(`${name} was not welcome: ${type}`);
    return guest;
  }

  send(message: unknown): void {
    this.sendRaw(JSON.stringify(message));
  }

  sendRaw(message: Sendable): void {
    this.#ws.send(message);
  }

  /** The next message. */
  async next(): Promise<ServerMessage> {
    const { value, done } = await this.#messages.next();
    if (done === true) throw new Error("the connection ended, and a message was expected");
    return JSON.parse(String(value)) as ServerMessage;
  }

  /** The messages that still came, and how the connection ended. */
  async end(): Promise<{ readonly rest: readonly ServerMessage[]; readonly closed: Closed }> {
    const rest: ServerMessage[] = [];
    for (;;) {
      const { value, done } = await this.#messages.next();
      if (done === true) return { rest, closed: await this.#ws.closed };
      rest.push(JSON.parse(String(value)) as ServerMessage);
    }
  }

  async leave(): Promise<void> {
    this.#ws.close(1000);
    await this.end();
  }
}

/** Waits until the server has seen everybody off: from then on their names are free. */
export async function emptied(server: Server<Person>): Promise<void> {
  await Promise.all([...server.connections].map((ws) => ws.closed));
}
