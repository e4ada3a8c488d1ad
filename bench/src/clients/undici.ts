// undici's client, which is Node's own WebSocket too.

import { WebSocket } from "undici";
import type { ClientScenario } from "../scenarios.ts";
import { runWebSocket } from "./web-socket.ts";

export function run(port: number, messages: ClientScenario): Promise<void> {
  return runWebSocket(WebSocket, port, messages);
}
