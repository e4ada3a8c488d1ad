// The load of a fan-out. The first connection is open before the others and first in the server's order:
// its copy is back while the server is still writing to the rest, so the next message is there when it
// has finished, and messages do not pile up. What counts is every copy that has come.

import { openConversation, openMany } from "../conversation/connection.ts";
import { conversationWith } from "../conversation/conversation-with.ts";
import type { Measurement, Target } from "../measurement.ts";
import type { FanOutScenario } from "../scenarios.ts";
import { observeMessages } from "./observe.ts";

export async function measureFanOut(
  scenario: FanOutScenario,
  target: Target,
): Promise<Measurement> {
  const { connections, inFlight } = scenario;
  const conversation = conversationWith(target.peer, scenario, inFlight);
  const { requests } = conversation;
  let copies = 0;
  let sent = 0;
  const send = (count: number): void => {
    if (count === 0) return;
    sender.write(requests.take(sent, count));
    sent += count;
  };
  const sender = await openConversation(target, conversation, (count) => {
    copies += count;
    send(count);
  });
  await openMany(connections - 1, () =>
    openConversation(target, conversation, (count) => void (copies += count)),
  );
  send(inFlight);
  return observeMessages(target.pid, () => copies, target.seconds);
}
