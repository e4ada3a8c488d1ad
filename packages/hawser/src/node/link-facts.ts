// What can be told of any link, whatever its face: what users see of a connection, and what the diagnostics
// channels show.

import { randomBytes } from "node:crypto";
import { serializeExtensions } from "../protocol/index.ts";
import { peerAddress } from "./http2/stream.ts";
import type { Link } from "./link.ts";

/** Where a connection stands. */
export type ConnectionState = "open" | "closing" | "closed";

/** What has gone over a connection. */
export interface ConnectionStats {
  readonly messagesReceived: number;
  readonly messagesSent: number;
  /** Bytes on the wire, frame headers included, the opening handshake not. */
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

/** Tells the connections of this process from those of any other. */
const processId = randomBytes(6).toString("hex");

let serials = 0;

/** Different for each connection of this process. */
export function nextSerial(): number {
  return ++serials;
}

/** Unique among all connections of all processes. */
export function idOf(serial: number): string {
  return `${processId}-${serial.toString(36)}`;
}

/** The extensions in use, as the Sec-WebSocket-Extensions header lists them; "" for none. */
export function extensionsOf({ agreed }: Link): string {
  return agreed === undefined ? "" : serializeExtensions([agreed.response]);
}

export function stateOf({ endpoint }: Link): ConnectionState {
  const { state } = endpoint;
  return state === "open" || state === "closed" ? state : "closing";
}

export function remoteAddressOf({ socket }: Link): string | undefined {
  return peerAddress(socket);
}

export function statsOf({ messagesReceived, bytesReceived, writer }: Link): ConnectionStats {
  const { messagesSent, bytesSent } = writer;
  return { messagesReceived, messagesSent, bytesReceived, bytesSent };
}
