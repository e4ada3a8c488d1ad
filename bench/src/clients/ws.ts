// The client of ws as its README shows it.

import { once } from "node:events";
import { WebSocket } from "ws";
import { payloadOf } from "../conversation/plain.ts";
import type { ClientScenario } from "../scenarios.ts";

export async function run(port: number, messages: ClientScenario): Promise<void> {
  const payload = payloadOf(messages.messageBytes);
  const ws = new WebSocket(`ws://127.0.0.1:${port}`);
  ws.on("message", () => ws.send(payload));
  await once(ws, "open");
  for (let i = 0; i < messages.inFlight; i++) ws.send(payload);
}
