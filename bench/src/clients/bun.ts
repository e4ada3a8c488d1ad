// Bun's own client. This file runs in Bun.

import type { ClientScenario } from "../scenarios.ts";
import { runWebSocket } from "./web-socket.ts";

export function run(port: number, messages: ClientScenario): Promise<void> {
  return runWebSocket((globalThis as unknown as { WebSocket: never }).WebSocket, port, messages);
}
