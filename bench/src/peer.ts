// Who can be compared, by name, and what a server among them is asked to do.

export const peerNames = [
  "hawser",
  "hawser+takeover",
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

/** Those that take part only when asked for: what they need is not installed with the others. */
export const peersOnRequest: ReadonlySet<PeerName> = new Set<PeerName>(["bun"]);

/** What a server does with a message, which is told to it in advance for those that parse nothing. */
export interface Service {
  readonly answers: "sender" | "all";
  readonly messageBytes: number;
  /** Whether it agrees to permessage-deflate. */
  readonly deflate: boolean;
}
