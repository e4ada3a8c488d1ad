// A client with the interface of browsers, whoever made it.

import { once } from "node:events";
import { payloadOf } from "../conversation/plain.ts";
import type { ClientScenario } from "../scenarios.ts";

interface WebSocketLike extends EventTarget {
  binaryType: string;
  send(payload: Uint8Array): void;
}

export async function runWebSocket(
  Class: new (url: string) => WebSocketLike,
  port: number,
  messages: ClientScenario,
): Promise<void> {
  const payload = payloadOf(messages.messageBytes);
  const ws = new Class(`ws://127.0.0.1:${port}`);
  ws.binaryType = "arraybuffer";
  ws.addEventListener("message", () => ws.send(payload));
  await once(ws, "open");
  for (let i = 0; i < messages.inFlight; i++) ws.send(payload);
}
