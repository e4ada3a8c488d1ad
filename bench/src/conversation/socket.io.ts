// Socket.IO over its WebSocket transport, as much of Engine.IO 4 and Socket.IO 5 as a load needs: the
// server opens with "0{…}", the client connects to the namespace with "40" and is told "40{…}"; from then
// on an event is a text message, `42["m","…"]`. Counted in bytes, like plain WebSocket.

import { Buffer } from "node:buffer";
import type { Conversation } from "./conversation.ts";
import { firstByte, maskedFrame, repeated, unmaskedFrame } from "./frame.ts";
import { FrameCycle } from "./frame-cycle.ts";
import { upgradeRequest } from "./handshake.ts";
import { ByteCounter } from "./plain.ts";

/** The name of the event that carries the messages. */
export const eventName = "m";

export function socketIoConversation(messageBytes: number, most: number): Conversation {
  const event = Buffer.from(`42["${eventName}","${"x".repeat(messageBytes)}"]`);
  const answers = repeated(unmaskedFrame(firstByte.text, event), most);
  return {
    upgradeRequest: upgradeRequest("/socket.io/?EIO=4&transport=websocket"),
    isOpen: isConnected,
    requests: new FrameCycle([maskedFrame(firstByte.text, event)], most),
    newCounter: () => new ByteCounter(answers, most),
  };
}

const connectPacket = maskedFrame(firstByte.text, Buffer.from("40"));

function isConnected(received: string, reply: (frame: Buffer) => void): boolean {
  if (!received.endsWith("}")) return false;
  if (!received.startsWith("HTTP/1.1 101 ")) throw new Error(`not a 101: ${received}`);
  if (/40\{"sid":"[^"]+"[^{}]*\}$/.test(received)) return true;
  if (/0\{"sid":"[^"]+"[^{}]*\}$/.test(received)) reply(connectPacket);
  return false;
}
