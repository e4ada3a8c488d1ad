// Header fields that a user adds to a handshake, checked before they are written: a name is a token, a
// value has no line break in it (so nothing can be smuggled in), and the fields that the handshake
// itself is made of are not the user's.

import { UsageError } from "../errors.ts";
import { isToken } from "./grammar.ts";
import { isFieldValue } from "./message-head.ts";

/** Names and values. */
export type FieldLines = Iterable<readonly [name: string, value: string]>;

/** The fields that say how long a message is and what becomes of the connection: never a user's. */
export const framingNames: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "transfer-encoding",
]);

/** The fields about a connection, which have no place on a stream of HTTP/2 (RFC 9113 §8.2.2). */
export const connectionNames: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/** The fields that an opening handshake is made of: not a user's in a request or a 101. */
export const handshakeNames: ReadonlySet<string> = new Set([
  ...framingNames,
  "upgrade",
  "sec-websocket-accept",
  "sec-websocket-extensions",
  "sec-websocket-key",
  "sec-websocket-protocol",
  "sec-websocket-version",
]);

/**
 * The fields as lines that end with CRLF; none may be one of `reserved`.
 *
 * @throws UsageError HAWSER_HEADER_INVALID
 */
export function serializeFieldLines(fields: FieldLines, reserved: ReadonlySet<string>): string {
  let lines = "";
  for (const [name, value] of fields) {
    checkField(name, value, reserved);
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

/** @throws UsageError HAWSER_HEADER_INVALID when the field can't be sent, or is one of `reserved` */
export function checkField(name: string, value: string, reserved: ReadonlySet<string>): void {
  if (!isToken(name) || !isFieldValue(value) || !isLatin1(value)) {
    throw new UsageError(
      "HAWSER_HEADER_INVALID",
      `${JSON.stringify(name)} is no header field that can be sent: a name is a token, a value has only characters up to U+00FF and no line break`,
    );
  }
  if (reserved.has(name.toLowerCase())) {
    throw new UsageError("HAWSER_HEADER_INVALID", `the handshake sets the header ${name} itself`);
  }
}

function isLatin1(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return false;
  return true;
}
