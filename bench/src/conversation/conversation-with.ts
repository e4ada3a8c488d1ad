// Which conversation a peer and a scenario have.

import type { PeerName } from "../peer.ts";
import type { ServerScenario } from "../scenarios.ts";
import type { Conversation } from "./conversation.ts";
import { deflatedConversation } from "./deflated.ts";
import { plainConversation } from "./plain.ts";
import { socketIoConversation } from "./socket.io.ts";

/** @param most how many requests are written at once at most */
export function conversationWith(
  peer: PeerName,
  { messageBytes, deflate = false }: ServerScenario,
  most: number,
): Conversation {
  if (deflate) return deflatedConversation(peer, messageBytes, most);
  if (peer === "socket.io") return socketIoConversation(messageBytes, most);
  return plainConversation(messageBytes, most);
}
