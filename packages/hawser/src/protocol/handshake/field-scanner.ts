// Header field lines (RFC 9112 §5) in a text, found one after the other and strictly: CRLF ends a line,
// the name is a token right before its colon, no line is folded, and a value has no control characters
// but tabs. A line is told by its places in the text, so that nothing is made of those that nobody wants.

import { isSpaceAt, isTokenCharAt, skipSpace } from "./grammar.ts";

const CR = 0x0d;
const LF = 0x0a;
const colon = 0x3a;

export class FieldScanner {
  readonly #text: string;
  #at: number;
  /** The line that was found: `text.slice(nameStart, nameEnd)` and the same of its value. */
  nameStart = 0;
  nameEnd = 0;
  valueStart = 0;
  valueEnd = 0;

  /** Scans from `at` on, where a line begins. */
  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  /** Where the next line begins, the one that was found last being whole. */
  get position(): number {
    return this.#at;
  }

  /** Finds the next line and returns true; false when what stands there is none, or is not whole. */
  next(): boolean {
    const text = this.#text;
    let at = this.#at;
    while (isTokenCharAt(text, at)) at++;
    if (at === this.#at || text.charCodeAt(at) !== colon) return false;
    this.nameStart = this.#at;
    this.nameEnd = at;
    const start = skipSpace(text, at + 1);
    at = endOfValue(text, start);
    if (text.charCodeAt(at) !== CR || text.charCodeAt(at + 1) !== LF) return false;
    this.#at = at + 2;
    while (at > start && isSpaceAt(text, at - 1)) at--;
    this.valueStart = start;
    this.valueEnd = at;
    return true;
  }
}

/** The index of the first character from `start` on that can't be in a field's value (RFC 9110 §5.5). */
export function endOfValue(text: string, start: number): number {
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) return i;
  }
  return text.length;
}
