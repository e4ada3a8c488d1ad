// Who can be compared, by name, and what a server among them is asked to do.

export const peerNames = [
  "hawser",
  "hawser+takeover",
  "hawser+tls",
  "hawser+h2c",
  "hawser+h2",
  "hawser/ws",
  "ws",
  "ws+bufferutil",
  "floor",
  "http-floor",
  "socket.io",
  "undici",
  "bun",
] as const;

export type PeerName = (typeof peerNames)[number];

/**
 * Those that take part only when asked for: what `bun` needs is not installed with the others, and what
 * HTTP/2 costs without TLS is of interest to few.
 */
export const peersOnRequest: ReadonlySet<PeerName> = new Set<PeerName>(["bun", "hawser+h2c"]);

/** What carries the bytes of a WebSocket; "h2" is HTTP/2 over TLS, "h2c" without. */
export type Transport = "tcp" | "tls" | "h2c" | "h2";

const transports: Readonly<Partial<Record<PeerName, Transport>>> = {
  "hawser+tls": "tls",
  "hawser+h2c": "h2c",
  "hawser+h2": "h2",
};

export function transportOf(peer: PeerName): Transport {
  return transports[peer] ?? "tcp";
}

/** What a server does with a message, which is told to it in advance for those that parse nothing. */
export interface Service {
  readonly answers: "sender" | "all";
  readonly messageBytes: number;
  /** Whether it agrees to permessage-deflate. */
  readonly deflate: boolean;
}
