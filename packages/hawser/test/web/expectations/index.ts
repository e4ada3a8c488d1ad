// All sections.

import { close } from "./close.ts";
import { closeEvent } from "./close-event.ts";
import { constructor } from "./constructor.ts";
import type { Section } from "./expectation.ts";
import { feedback } from "./feedback.ts";
import { handlers } from "./handlers.ts";
import { handshake } from "./handshake.ts";
import { interfaces } from "./interfaces.ts";
import { send } from "./send.ts";
import { streamBackpressure } from "./stream-backpressure.ts";
import { streamClose } from "./stream-close.ts";
import { streamMessages } from "./stream-messages.ts";
import { streamOpen } from "./stream-open.ts";
import { webSocketError } from "./web-socket-error.ts";

export const sections: readonly Section[] = [
  { name: "WebSocket: the interface", expectations: interfaces },
  { name: "WebSocket: the constructor", expectations: constructor },
  { name: "WebSocket: the opening handshake", expectations: handshake },
  { name: "WebSocket: send() and bufferedAmount", expectations: send },
  { name: "WebSocket: close()", expectations: close },
  { name: "WebSocket: feedback from the protocol", expectations: feedback },
  { name: "WebSocket: event handlers", expectations: handlers },
  { name: "CloseEvent", expectations: closeEvent },
  { name: "WebSocketError", expectations: webSocketError },
  { name: "WebSocketStream: opening", expectations: streamOpen },
  { name: "WebSocketStream: messages", expectations: streamMessages },
  { name: "WebSocketStream: closing", expectations: streamClose },
  { name: "WebSocketStream: backpressure", expectations: streamBackpressure },
];
