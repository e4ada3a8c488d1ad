// Who is compared. A peer has a file in peers/ with the smallest server of its kind, in its default
// settings, and one in clients/ if it has a client; a process loads only its own.

import type { PeerName, Service } from "./peer.ts";
import type { ClientScenario } from "./scenarios.ts";

/** A peer's server. */
export interface ServerPeer {
  /** Listens on a free port of 127.0.0.1, which it returns. */
  listen(service: Service): Promise<number>;
}

/** A peer's client. */
export interface ClientPeer {
  /** Opens a connection, has that many messages under way on it, and sends one for each that is back. */
  run(port: number, messages: ClientScenario): Promise<void>;
}

type Loaders<Peer> = Readonly<Partial<Record<PeerName, () => Promise<Peer>>>>;

export const serverPeers: Loaders<ServerPeer> = {
  hawser: () => import("./peers/hawser.ts"),
  "hawser+takeover": () => import("./peers/hawser-takeover.ts"),
  "hawser+tls": () => import("./peers/hawser-tls.ts"),
  "hawser+h2c": () => import("./peers/hawser-h2c.ts"),
  "hawser+h2": () => import("./peers/hawser-h2.ts"),
  "hawser/ws": () => import("./peers/hawser-ws.ts"),
  ws: () => import("./peers/ws.ts"),
  "ws+bufferutil": () => import("./peers/ws.ts"),
  floor: () => import("./peers/floor.ts"),
  "http-floor": () => import("./peers/http-floor.ts"),
  "socket.io": () => import("./peers/socket.io.ts"),
  bun: () => import("./peers/bun.ts"),
};

export const clientPeers: Loaders<ClientPeer> = {
  hawser: () => import("./clients/hawser.ts"),
  "hawser/ws": () => import("./clients/hawser-ws.ts"),
  ws: () => import("./clients/ws.ts"),
  floor: () => import("./clients/floor.ts"),
  undici: () => import("./clients/undici.ts"),
  bun: () => import("./clients/bun.ts"),
};
