// The load of a handshake scenario: some connections until the server's code is compiled, then those that
// count. They stay open, so that what ending a connection costs is not part of it.

import { openConversation, openMany } from "../conversation/connection.ts";
import { conversationWith } from "../conversation/conversation.ts";
import type { Measurement, Target } from "../measurement.ts";
import type { HandshakeScenario } from "../scenarios.ts";
import { observe } from "./observe.ts";

const warmUpConnections = 2_000;

export async function measureHandshakes(
  scenario: HandshakeScenario,
  target: Target,
): Promise<Measurement> {
  const conversation = conversationWith(target.peer, scenario, 1);
  let opened = 0;
  const open = async (): Promise<void> => {
    await openConversation(target.port, conversation, () => undefined);
    opened++;
  };
  await openMany(warmUpConnections, open);
  return observe(
    "cpuPerHandshakeUs",
    target.pid,
    () => opened,
    () => openMany(scenario.connections, open),
  );
}
