// Servers and connections of one test, which all end with it: no test leaves anything behind for the
// next, whether it passed or not.

import type { AddressInfo } from "node:net";
import {
  type Connection,
  connect,
  type ConnectionFunction,
  type ConnectOptions,
  type ListenOptions,
  type Server,
  serve,
  type ServerOptions,
} from "../../dist/index.js";
import { EventLog } from "./event-log.ts";
import type { Fields } from "./http-head.ts";
import { RawPeer } from "./raw-peer.ts";

/** A server's options, with handlers that get their connection without a type for its data. */
export type StageOptions = ServerOptions & ListenOptions;

export class Stage {
  /** What the handlers of a test write down. */
  readonly log: EventLog = new EventLog();
  readonly servers: Server[] = [];
  readonly #connections: Connection[] = [];
  readonly #peers: RawPeer[] = [];

  async serve(options: StageOptions = {}, run?: ConnectionFunction<unknown>): Promise<Server> {
    const server = await serve({ hostname: "127.0.0.1", ...options }, run);
    return this.keep(server);
  }

  /** Closes this server at the end, too. */
  keep(server: Server): Server {
    this.servers.push(server);
    return server;
  }

  async connect(to: Server | string, options: ConnectOptions = {}): Promise<Connection> {
    const ws = await connect(typeof to === "string" ? to : to.url, options);
    this.#connections.push(ws);
    return ws;
  }

  /** A raw peer, connected and nothing more. */
  async dial(server: Server): Promise<RawPeer> {
    const peer = await RawPeer.connect(whereOf(server));
    this.#peers.push(peer);
    return peer;
  }

  /** A raw peer behind its opening handshake. */
  async open(server: Server, fields: Fields = {}): Promise<RawPeer> {
    const peer = await RawPeer.open(whereOf(server), fields);
    this.#peers.push(peer);
    return peer;
  }

  /** A connection of the library with a raw peer at the other end, which is the client. */
  async pair(
    options: StageOptions = {},
    fields: Fields = {},
  ): Promise<{ ws: Connection; peer: RawPeer; server: Server }> {
    const opened: Connection[] = [];
    const server = await this.serve({
      ...options,
      open(ws, request) {
        opened.push(ws);
        return options.open?.(ws, request);
      },
    });
    const peer = await this.open(server, fields);
    return { ws: opened[0] as Connection, peer, server };
  }

  async end(): Promise<void> {
    for (const ws of this.#connections.splice(0)) ws.terminate();
    for (const peer of this.#peers.splice(0)) peer.destroy();
    await Promise.all(this.servers.splice(0).map((server) => server.close({ timeoutMs: 200 })));
    this.log.clear();
  }
}

function whereOf(server: Server): { port: number; host: string } {
  return { port: (server.address() as AddressInfo).port, host: "127.0.0.1" };
}
