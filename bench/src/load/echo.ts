// The load of an echo: for each answer that is back, the next message goes out on the same connection.

import { type Listener, openConversation, openMany } from "../conversation/connection.ts";
import { conversationWith } from "../conversation/conversation-with.ts";
import type { Measurement, Target } from "../measurement.ts";
import type { EchoScenario } from "../scenarios.ts";
import { observeMessages } from "./observe.ts";

export async function measureEcho(scenario: EchoScenario, target: Target): Promise<Measurement> {
  const { connections, inFlight, streamsPerSession } = scenario;
  const listener: Listener = { ...target, streamsPerSession };
  const conversation = conversationWith(target.peer, scenario, inFlight);
  const { requests } = conversation;
  let answers = 0;

  const start: (() => void)[] = [];
  await openMany(connections, async (i) => {
    // Each begins elsewhere, so that not all say the same at the same time.
    let sent = i;
    const send = (count: number): void => {
      if (count === 0) return;
      socket.write(requests.take(sent, count));
      sent += count;
    };
    const socket = await openConversation(listener, conversation, (count) => {
      answers += count;
      send(count);
    });
    start.push(() => send(inFlight));
  });
  for (const send of start) send();
  return observeMessages(target.pid, () => answers, target.seconds);
}
