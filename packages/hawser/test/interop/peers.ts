// All the peers. The test files take theirs from here, so that none is left out.

import type { Peer } from "./contract.ts";
import { chromiumClient } from "./peers/chromium.ts";
import { globalWebSocket } from "./peers/global-web-socket.ts";
import { websocketClient, websocketsClient, websocketsServer } from "./peers/python.ts";
import { undiciClient } from "./peers/undici.ts";
import { wsClient, wsServer } from "./peers/ws.ts";

export const peers: readonly Peer[] = [
  globalWebSocket,
  undiciClient,
  wsClient,
  websocketsClient,
  websocketClient,
  chromiumClient,
  wsServer,
  websocketsServer,
];

export function isBrowser(peer: Peer): boolean {
  return peer === chromiumClient;
}
