// Hawser, as a program that was written for ws uses it.

import { WebSocket } from "hawser/ws";
import type { ClientScenario } from "../scenarios.ts";
import { runWith } from "./ws-client.ts";

export function run(port: number, messages: ClientScenario): Promise<void> {
  return runWith(WebSocket, port, messages);
}
