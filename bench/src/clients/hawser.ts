// Hawser's client as its reference shows it.

import { connect } from "hawser";
import { payloadOf } from "../conversation/plain.ts";
import type { ClientScenario } from "../scenarios.ts";

export async function run(port: number, messages: ClientScenario): Promise<void> {
  const payload = payloadOf(messages.messageBytes);
  const ws = await connect(`ws://127.0.0.1:${port}`, {
    message(self) {
      self.send(payload);
    },
  });
  for (let i = 0; i < messages.inFlight; i++) ws.send(payload);
}
