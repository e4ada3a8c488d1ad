// What Node itself costs a client: a socket that reads into one static buffer, counts bytes and writes
// prebuilt frames. It is what the load of an echo does.

import { openConversation } from "../conversation/connection.ts";
import { plainConversation } from "../conversation/plain.ts";
import type { ClientScenario } from "../scenarios.ts";

export async function run(port: number, messages: ClientScenario): Promise<void> {
  const { messageBytes, inFlight } = messages;
  const conversation = plainConversation(messageBytes, inFlight);
  const { requests } = conversation;
  const socket = await openConversation({ peer: "floor", port }, conversation, (count) => {
    if (count > 0) socket.write(requests.take(0, count));
  });
  socket.write(requests.take(0, inFlight));
}
