// Who is compared, in the order in which they take turns. Each has one file in peers/, with its
// smallest echo server in its default settings; a server process loads only its own.

export const peerNames = ["hawser", "ws", "floor"] as const;

export type PeerName = (typeof peerNames)[number];

/** A peer's file. */
export interface Peer {
  /** Listens on a free port of 127.0.0.1, which it returns, and sends every message back. */
  listen(messageBytes: number): Promise<number>;
}

export const peers: Readonly<Record<PeerName, () => Promise<Peer>>> = {
  hawser: () => import("./peers/hawser.ts"),
  ws: () => import("./peers/ws.ts"),
  floor: () => import("./peers/floor.ts"),
};
