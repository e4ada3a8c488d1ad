// The head of an HTTP/1.1 message (RFC 9112): start line and header fields, collected from any split
// of the input within the limits, then parsed once, strictly: CRLF ends a line, no folded lines, no
// space before a colon, no control characters in a value. What follows the head is handed back.

import { isToken, trimSpace } from "./grammar.ts";
import { appendHeader, type Headers } from "./headers.ts";

/** What a head may be at most. */
export interface HeadLimits {
  /** Bytes of the whole head. */
  readonly maxHeaderBytes: number;
  /** How many header fields. */
  readonly maxHeaders: number;
}

/** A head: its start line and its fields. */
export interface MessageHead {
  readonly startLine: string;
  readonly headers: Headers;
}

/** Why a head is none. */
export type HeadFault = "malformed" | "too large";

const CR = 0x0d;
const LF = 0x0a;

export class HeadReader {
  readonly #limits: HeadLimits;
  #bytes: Uint8Array = new Uint8Array(0);
  #length = 0;
  /** How many of the bytes CR LF CR LF were just seen in a row. */
  #endSeen = 0;
  /** What came behind the head. */
  rest: Uint8Array = new Uint8Array(0);

  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  /** Takes input; returns the head once it is complete, a fault, or undefined while more is needed. */
  receive(bytes: Uint8Array): MessageHead | HeadFault | undefined {
    let at = 0;
    while (at < bytes.length && this.#endSeen < 4) {
      const byte = bytes[at++] as number;
      const isExpected = byte === (this.#endSeen % 2 === 0 ? CR : LF);
      this.#endSeen = isExpected ? this.#endSeen + 1 : byte === CR ? 1 : 0;
    }
    if (this.#length + at > this.#limits.maxHeaderBytes) return "too large";
    this.#append(bytes.subarray(0, at));
    if (this.#endSeen < 4) return undefined;
    this.rest = bytes.subarray(at);
    const text = decodeLatin1(this.#bytes.subarray(0, this.#length - 4));
    return parseHead(text, this.#limits.maxHeaders);
  }

  #append(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(
        Math.max(needed, Math.min(needed * 2, this.#limits.maxHeaderBytes)),
      );
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = needed;
  }
}

function parseHead(text: string, maxHeaders: number): MessageHead | HeadFault {
  const lines = text.split("\r\n");
  if (lines.length - 1 > maxHeaders) return "too large";
  const startLine = lines[0] as string;
  if (!isFieldValue(startLine)) return "malformed";
  const headers = new Map<string, string[]>();
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0));
    const value = trimSpace(line.slice(colon + 1));
    if (!isToken(name) || !isFieldValue(value)) return "malformed";
    appendHeader(headers, name, value);
  }
  return { startLine, headers };
}

/** Whether the text has no control characters but tabs (RFC 9110 §5.5). */
export function isFieldValue(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) return false;
  }
  return true;
}

/** Each byte as the character of its number: field values are bytes, not UTF-8 (RFC 9110 §5.5). */
export function decodeLatin1(bytes: Uint8Array): string {
  let text = "";
  // In runs, because the arguments of one call are limited.
  for (let at = 0; at < bytes.length; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return text;
}

/** The text as one byte a character; the caller knows that none is beyond U+00FF. */
export function encodeLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
