// What is measured, of whom, and what Hawser has to reach, as a table: a further scenario is a further
// row. A row of a kind that exists needs nothing else; a new kind needs its load, in load/.

import type { PeerName } from "./peer.ts";

interface CommonParts {
  /** For a reader: what happens. */
  readonly title: string;
  /** Who can take part, in the order in which they take turns. */
  readonly peers: readonly PeerName[];
  /** What Hawser's median has to reach. */
  readonly goals: readonly Goal[];
  /** Which Hawser does the same work as its face of ws, which must not cost much more. Default "hawser". */
  readonly faceOf?: PeerName;
}

/** At most so many times the median of that peer in the same run, plus something; or at most so much. */
export type Goal =
  | { readonly peer: PeerName; readonly times: number; readonly plus?: number }
  | { readonly atMost: number };

interface Messages {
  readonly connections: number;
  readonly messageBytes: number;
  /** How many messages are under way at any time, on each connection that sends. */
  readonly inFlight: number;
  /** The messages are JSON, and permessage-deflate is agreed on. */
  readonly deflate?: boolean;
}

interface Sharing {
  /** Over HTTP/2: how many connections share a session. Default 100, as with Hawser's client. */
  readonly streamsPerSession?: number;
}

/** Every message comes back. */
export interface EchoScenario extends CommonParts, Messages, Sharing {
  readonly kind: "echo";
}

/** The first connection sends; the server sends each message to all connections, that one included. */
export interface FanOutScenario extends CommonParts, Messages {
  readonly kind: "fan-out";
}

/** Connections are opened, and stay open. With `deflate`, each is then sent one message, and answers. */
export interface IdleScenario extends CommonParts, Sharing {
  readonly kind: "idle";
  readonly connections: number;
  readonly messageBytes: number;
  readonly deflate?: boolean;
}

/** The same, for the CPU time that it takes to open them. */
export interface HandshakeScenario extends CommonParts {
  readonly kind: "handshake";
  readonly connections: number;
  readonly messageBytes: number;
  readonly deflate?: never;
}

/** The same as `echo`, and the client is what is measured. */
export interface ClientScenario extends CommonParts, Messages {
  readonly kind: "client";
}

/** Those in which a server is measured. */
export type ServerScenario = EchoScenario | FanOutScenario | IdleScenario | HandshakeScenario;
export type Scenario = ServerScenario | ClientScenario;

const KiB = 1024;
const many = { connections: 64 } as const;
const servers = ["hawser", "hawser/ws", "ws", "floor", "socket.io", "bun"] as const;
/** Hawser over everything else that carries a WebSocket, beside plain TCP. */
const carried = ["hawser+tls", "hawser+h2c", "hawser+h2"] as const;

export const scenarios: ReadonlyMap<string, Scenario> = new Map<string, Scenario>([
  [
    "echo-64x16",
    {
      kind: "echo",
      title: "echo of 64 B, 16 in flight",
      peers: [...servers, ...carried],
      goals: [
        { peer: "ws", times: 0.1 },
        { peer: "floor", times: 1.3 },
      ],
      ...many,
      messageBytes: 64,
      inFlight: 16,
    },
  ],
  [
    "echo-64x1",
    {
      kind: "echo",
      title: "echo of 64 B, 1 in flight",
      peers: [...servers, ...carried],
      goals: [
        { peer: "ws", times: 0.85 },
        { peer: "floor", times: 1 },
      ],
      ...many,
      messageBytes: 64,
      inFlight: 1,
    },
  ],
  [
    "echo-alone",
    {
      kind: "echo",
      title: "echo of 64 B, 1 in flight, HTTP/2 for each connection alone",
      peers: ["hawser+h2c", "hawser+h2"],
      goals: [],
      ...many,
      messageBytes: 64,
      inFlight: 1,
      streamsPerSession: 1,
    },
  ],
  [
    "echo-16k",
    {
      kind: "echo",
      title: "echo of 16 KiB, 4 in flight",
      peers: ["hawser", "hawser/ws", "ws", "ws+bufferutil", "floor", "bun"],
      goals: [
        { peer: "ws", times: 0.85 },
        { peer: "floor", times: 1.15 },
      ],
      ...many,
      messageBytes: 16 * KiB,
      inFlight: 4,
    },
  ],
  [
    "echo-1m",
    {
      kind: "echo",
      title: "echo of 1 MiB, 2 in flight",
      peers: ["hawser", "hawser/ws", "ws", "ws+bufferutil", "floor", "bun"],
      goals: [
        { peer: "ws", times: 0.85 },
        { peer: "floor", times: 1.2 },
      ],
      connections: 4,
      messageBytes: 1024 * KiB,
      inFlight: 2,
    },
  ],
  [
    "echo-deflate",
    {
      kind: "echo",
      title: "deflated echo of 1 KiB of JSON",
      peers: ["hawser", "hawser+takeover", "hawser/ws", "ws", "bun"],
      goals: [{ peer: "ws", times: 1 / 3 }],
      faceOf: "hawser+takeover",
      ...many,
      messageBytes: KiB,
      inFlight: 1,
      deflate: true,
    },
  ],
  [
    "fan-out",
    {
      kind: "fan-out",
      title: "fan-out of 256 B to 1,000",
      peers: servers,
      goals: [
        { peer: "ws", times: 0.75 },
        { peer: "floor", times: 1.05 },
      ],
      connections: 1_000,
      messageBytes: 256,
      inFlight: 1,
    },
  ],
  [
    "fan-out-x4",
    {
      kind: "fan-out",
      title: "fan-out of 256 B to 1,000, 4 publications in flight",
      peers: servers,
      goals: [],
      connections: 1_000,
      messageBytes: 256,
      inFlight: 4,
    },
  ],
  [
    "fan-out-deflate",
    {
      kind: "fan-out",
      title: "deflated fan-out of 1 KiB of JSON to 1,000",
      peers: ["hawser", "ws", "bun"],
      goals: [{ peer: "ws", times: 0.1 }],
      connections: 1_000,
      messageBytes: KiB,
      inFlight: 1,
      deflate: true,
    },
  ],
  [
    "handshake",
    {
      kind: "handshake",
      title: "opening handshake",
      peers: ["hawser", "hawser/ws", "ws", "floor", "http-floor", "bun"],
      goals: [
        { peer: "ws", times: 0.7 },
        { peer: "http-floor", times: 1.1 },
      ],
      connections: 8_000,
      messageBytes: 64,
    },
  ],
  [
    "idle-memory",
    {
      kind: "idle",
      title: "idle connection",
      peers: [
        "hawser",
        "hawser/ws",
        "ws",
        "floor",
        "http-floor",
        "socket.io",
        "bun",
        "hawser+h2c",
        "hawser+h2",
      ],
      goals: [{ peer: "http-floor", times: 1, plus: 0.5 }],
      // With fewer, the growth of V8's young generation, which is once for all of them, counts with each.
      connections: 15_000,
      messageBytes: 64,
    },
  ],
  [
    "idle-alone",
    {
      kind: "idle",
      title: "idle connection, TLS and TCP for it alone",
      peers: ["hawser+tls", "hawser+h2"],
      goals: [],
      connections: 1_000,
      messageBytes: 64,
      streamsPerSession: 1,
    },
  ],
  [
    "idle-deflate",
    {
      kind: "idle",
      title: "one deflated message on an idle connection",
      peers: ["hawser", "ws", "bun"],
      goals: [{ atMost: 8 }],
      connections: 5_000,
      messageBytes: KiB,
      deflate: true,
    },
  ],
  [
    "client-64x16",
    {
      kind: "client",
      title: "a client's message of 64 B, 16 in flight",
      peers: ["hawser", "hawser/ws", "ws", "floor", "undici", "bun"],
      goals: [{ peer: "ws", times: 1 / 3 }],
      ...many,
      messageBytes: 64,
      inFlight: 16,
    },
  ],
]);
