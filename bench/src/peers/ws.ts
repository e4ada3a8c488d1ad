// npm ws.

import { WebSocketServer } from "ws";
import type { Service } from "../peer.ts";
import { listenWith } from "./ws-server.ts";

export function listen(service: Service): Promise<number> {
  return listenWith(WebSocketServer, service);
}
