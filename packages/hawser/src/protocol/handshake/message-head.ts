// The head of an HTTP/1.1 message (RFC 9112): start line and header fields, collected from any split
// of the input within the limits, then parsed once, strictly: CRLF ends a line, no folded lines, no
// space before a colon, no control characters in a value. What follows the head is handed back.

import { endOfValue, FieldScanner } from "./field-scanner.ts";

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
  /** Names and values by turns, in the order they came. */
  readonly fields: readonly string[];
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
    const text = decodeLatin1(this.#bytes.subarray(0, this.#length));
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

/** Parses a head: the text up to and with the empty line. */
function parseHead(text: string, maxHeaders: number): MessageHead | HeadFault {
  const startLine = text.slice(0, text.indexOf("\r\n"));
  if (!isFieldValue(startLine)) return "malformed";
  const fields = readFields(text, startLine.length + 2);
  if (fields === undefined) return "malformed";
  return fields.length > 2 * maxHeaders ? "too large" : { startLine, fields };
}

/**
 * Names and values by turns of the lines from `start` up to the empty line that ends the text;
 * undefined when they are none.
 */
export function readFields(text: string, start: number): string[] | undefined {
  const scanner = new FieldScanner(text, start);
  const fields: string[] = [];
  while (scanner.next()) {
    fields.push(text.slice(scanner.nameStart, scanner.nameEnd));
    fields.push(text.slice(scanner.valueStart, scanner.valueEnd));
  }
  return scanner.position === text.length - 2 ? fields : undefined;
}

/** Whether the text has no control characters but tabs (RFC 9110 §5.5). */
export function isFieldValue(text: string): boolean {
  return endOfValue(text, 0) === text.length;
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
