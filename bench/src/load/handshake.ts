// The load of a handshake scenario: connections that come and go until the server's code is compiled, some
// that stay, then those that count. These stay open, too, so that what ending a connection costs is not
// part of it.

import { openConversation, openMany } from "../conversation/connection.ts";
import { conversationWith } from "../conversation/conversation-with.ts";
import { openSocket } from "../conversation/socket.ts";
import type { Measurement, Target } from "../measurement.ts";
import type { HandshakeScenario } from "../scenarios.ts";
import { observe } from "./observe.ts";

/**
 * A server is in this state all of its life but for the first seconds; after 2,000 handshakes V8 is still
 * compiling, most where a server has most code, and a round is too short to even that out.
 */
const passingConnections = 12_000;
const warmUpConnections = 2_000;

export async function measureHandshakes(
  scenario: HandshakeScenario,
  target: Target,
): Promise<Measurement> {
  const conversation = conversationWith(target.peer, scenario, 1);
  let opened = 0;
  const open = async (): Promise<void> => {
    await openConversation(target, conversation, () => undefined);
    opened++;
  };
  await openMany(passingConnections, async () => {
    const socket = await openSocket(target.port, "tcp", conversation, () => undefined);
    socket.resetAndDestroy();
  });
  await openMany(warmUpConnections, open);
  return observe(
    "cpuPerHandshakeUs",
    target.pid,
    () => opened,
    () => openMany(scenario.connections, open),
  );
}
