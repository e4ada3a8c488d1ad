// What users may send, brought to the two forms that the protocol knows: text and bytes.

import { Buffer } from "node:buffer";
import { type Message, UsageError } from "../protocol/index.ts";

/** A message to send: text as a string, binary as bytes in any of the platform's forms. */
export type Sendable = string | ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

/**
 * The message as text or bytes, without a copy.
 *
 * @throws UsageError HAWSER_MESSAGE_TYPE: numbers, objects and the like are never guessed at
 */
export function toMessage(message: Sendable): Message {
  if (typeof message === "string" || Buffer.isBuffer(message)) return message;
  if (ArrayBuffer.isView(message)) {
    return Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  }
  if (message instanceof ArrayBuffer || message instanceof SharedArrayBuffer) {
    return Buffer.from(message);
  }
  throw new UsageError(
    "HAWSER_MESSAGE_TYPE",
    `a message must be a string, a Buffer, a typed array, a DataView or an ArrayBuffer, not ${describe(message)}`,
  );
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === "object" ? `an object (send JSON.stringify(…)?)` : `a ${typeof value}`;
}

/** How many bytes the content of a message has. */
export function byteLengthOf(message: string | Buffer): number {
  return typeof message === "string" ? Buffer.byteLength(message) : message.length;
}
