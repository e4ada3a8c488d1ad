// Our end of the contract: the server that the foreign clients come to, and the client that goes to
// the foreign servers. Both are the library as it ships, with its defaults but for compression.

import {
  type CompressionOptions,
  type Connection,
  connect,
  HandshakeError,
  Server,
} from "../../dist/index.js";
import {
  maxMessageBytes,
  refusedPath,
  type Report,
  type Scenario,
  spokenProtocol,
} from "./contract.ts";
import { type Instrument, Log, play } from "./player.ts";

type Ws = Connection<Log>;

const handlers = {
  message(ws: Ws, message: string | Buffer): void {
    if (typeof message === "string") ws.data.message("text", Buffer.from(message));
    else if (Buffer.isBuffer(message)) ws.data.message("binary", message);
    else throw new TypeError("binary that is no Buffer");
  },
  pong(ws: Ws, payload: Buffer): void {
    ws.data.pong(payload.toString());
  },
  /** The handler and `closed` have to tell the same. */
  async close(ws: Ws, code: number, reason: string): Promise<void> {
    const closed = await ws.closed;
    const isSame = closed.code === code && closed.reason === reason;
    const told = isSame ? reason : `${closed.reason}, but the handler got ${code} ${reason}`;
    ws.data.closed({ code: closed.code, reason: told, wasClean: closed.wasClean });
  },
};

function instrumentOf(ws: Ws): Instrument {
  return {
    get isOpen() {
      return ws.state === "open";
    },
    protocol: ws.protocol,
    extensions: ws.extensions,
    send: (kind, bytes, how) => {
      ws.send(kind === "text" ? bytes.toString() : bytes, how);
    },
    ping: (payload) => ws.ping(payload),
    close: (code, reason) => ws.close(code, reason),
  };
}

/** What one connection had on the wire, the opening handshake not counted. */
export interface Wire {
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** Our end while it runs with one peer. */
export interface OwnSide {
  /** Where foreign clients find us; "" for a client. */
  readonly url: string;
  /** Plays our script of the scenario on one connection; `url` is the foreign server's. */
  run(scenario: Scenario, url: string): Promise<Report>;
  /** Of the connection of the last scenario. */
  readonly wire: Wire;
  /** Leaves nothing of the last scenario behind, however it went. */
  reset(): void;
  end(): Promise<void>;
}

/** A server of ours: each connection is for the scenario that waits for it. */
export async function ownServer(compression?: boolean | CompressionOptions): Promise<OwnSide> {
  let opened: ((ws: Ws) => void) | undefined;
  let last: Ws | undefined;
  const server = new Server<Log>({
    ...handlers,
    compression: compression ?? false,
    protocols: [spokenProtocol],
    upgrade: ({ url }) =>
      url === refusedPath ? new Response("not you", { status: 401 }) : { data: new Log() },
    open: (ws) => opened?.(ws),
    // The page that a browser connects from.
    fetch: () => new Response("<!doctype html>", { headers: { "content-type": "text/html" } }),
  });
  await server.listen({ hostname: "127.0.0.1" });
  return {
    url: server.url,
    run: async ({ ours }) => {
      const ws = await new Promise<Ws>((resolve) => {
        opened = resolve;
      });
      last = ws;
      return play(ours, instrumentOf(ws), ws.data);
    },
    get wire() {
      return wireOf(last);
    },
    reset: () => {
      opened = undefined;
      for (const ws of server.connections) ws.terminate();
    },
    end: () => server.close(),
  };
}

/** Clients of ours, one for each scenario. */
export function ownClient(compression?: boolean | CompressionOptions): OwnSide {
  let last: Ws | undefined;
  return {
    url: "",
    run: async ({ ours, path = "/", offers = [] }, url) => {
      const { href } = new URL(path, url);
      const options = {
        ...handlers,
        compression: compression ?? false,
        protocols: offers,
        maxMessageBytes,
        data: new Log(),
      };
      try {
        last = await connect<Log>(href, options);
      } catch (error) {
        if (error instanceof HandshakeError) return { refused: true, status: error.status };
        throw error;
      }
      return play(ours, instrumentOf(last), last.data);
    },
    get wire() {
      return wireOf(last);
    },
    reset: () => last?.terminate(),
    end: () => Promise.resolve(),
  };
}

function wireOf(ws: Ws | undefined): Wire {
  return ws?.stats ?? { bytesSent: 0, bytesReceived: 0 };
}
