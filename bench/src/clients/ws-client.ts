// A client with the API of ws, as its README shows it: for ws itself and for what stands in for it.

import { once } from "node:events";
import type { WebSocket } from "ws";
import { payloadOf } from "../conversation/plain.ts";
import type { ClientScenario } from "../scenarios.ts";

export async function runWith(
  SocketClass: typeof WebSocket,
  port: number,
  messages: ClientScenario,
): Promise<void> {
  const payload = payloadOf(messages.messageBytes);
  const ws = new SocketClass(`ws://127.0.0.1:${port}`);
  ws.on("message", () => ws.send(payload));
  await once(ws, "open");
  for (let i = 0; i < messages.inFlight; i++) ws.send(payload);
}
