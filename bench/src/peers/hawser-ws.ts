// Hawser, as the program that was written for ws uses it.

import { WebSocketServer } from "hawser/ws";
import type { Service } from "../peer.ts";
import { listenWith } from "./ws-server.ts";

export function listen(service: Service): Promise<number> {
  return listenWith(WebSocketServer, service);
}
