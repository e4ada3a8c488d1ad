// The content of a message as bytes, for whoever needs all of it before a frame is made: extensions.
// A message that goes out as it is never comes here; `Output` writes a text where it belongs.

import type { Platform } from "./platform.ts";

/** A message: text as a string, binary as bytes. */
export type Message = string | Uint8Array;

/** The bytes of a message: those given, or the text as UTF-8 in memory of its own. */
export function contentOf(platform: Platform, message: Message): Uint8Array {
  if (typeof message !== "string") return message;
  const bytes = platform.allocate(platform.utf8ByteLength(message));
  platform.encodeUtf8Into(message, bytes, 0);
  return bytes;
}

/** How many bytes the content has. */
export function contentBytes(platform: Platform, message: Message): number {
  return typeof message === "string" ? platform.utf8ByteLength(message) : message.length;
}

/** Whether the content has at least that many bytes; few texts have to be counted for that. */
export function hasContentBytes(platform: Platform, message: Message, minBytes: number): boolean {
  if (message.length >= minBytes) return true;
  // A unit of a text is at most three bytes of UTF-8.
  if (typeof message !== "string" || message.length * 3 < minBytes) return false;
  return platform.utf8ByteLength(message) >= minBytes;
}
