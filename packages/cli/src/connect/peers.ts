// Where connections come from: a server that is dialled, or clients that come one after the other.

import { once } from "node:events";
import {
  type Connection,
  connect,
  type ConnectionHandlers,
  type ConnectOptions,
  type ListenOptions,
  type Server,
  serve,
  type ServerOptions,
} from "hawser";
import type { Target } from "./settings.ts";

/** What a conversation wants to hear of its connections. */
export type PeerHandlers = Pick<ConnectionHandlers<unknown>, "pong" | "wire">;

export interface Peers {
  /** Where the connections lead or come to, for people. */
  readonly url: string;
  /** The next connection. @throws what `connect` throws, or the reason of the signal */
  next(signal: AbortSignal): Promise<Connection>;
  close(): Promise<void>;
}

/** @throws TransportError when the port can't be listened on */
export function openPeers(target: Target, handlers: PeerHandlers): Peers | Promise<Peers> {
  return target.kind === "dial"
    ? new Dialler(target.url, { ...target.options, ...handlers })
    : Listener.open({ ...target.options, ...handlers });
}

class Dialler implements Peers {
  readonly url: string;
  readonly #options: ConnectOptions;

  constructor(url: string, options: ConnectOptions) {
    this.url = url;
    this.#options = options;
  }

  next(signal: AbortSignal): Promise<Connection> {
    return connect(this.url, { ...this.#options, signal });
  }

  async close(): Promise<void> {}
}

/** Takes one client at a time; others are told to come later. */
class Listener implements Peers {
  readonly #server: Server;
  readonly #waiting: Connection[] = [];
  #arrived: (() => void) | undefined;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(options: ServerOptions & ListenOptions): Promise<Listener> {
    // oxlint-disable-next-line prefer-const
    let listener: Listener;
    const isBusy = (): boolean => listener.#server.stats().connections > 0;
    const server = await serve(
      {
        ...options,
        upgrade: () =>
          isBusy() ? new Response("somebody else is connected\n", { status: 503 }) : {},
      },
      async (ws) => {
        listener.#waiting.push(ws);
        listener.#arrived?.();
        await ws.closed;
      },
    );
    listener = new Listener(server);
    return listener;
  }

  get url(): string {
    return this.#server.url;
  }

  async next(signal: AbortSignal): Promise<Connection> {
    for (;;) {
      signal.throwIfAborted();
      const ws = this.#waiting.shift();
      if (ws !== undefined) return ws;
      const arrived = new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
      await Promise.race([arrived, once(signal, "abort")]);
    }
  }

  close(): Promise<void> {
    return this.#server.close({ timeoutMs: 1000 });
  }
}
