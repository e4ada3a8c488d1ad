// Walks over a header's value, and says as `ws` does where it went wrong.

import { isTokenCharAt } from "../protocol/handshake/grammar.ts";

export class HeaderCursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    // `ws` throws the TypeError of `undefined.length` for what is no string.
    if (text.length === 0) throw this.unexpected();
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  /** A token of at least one character. */
  token(): string {
    const start = this.#at;
    while (!this.isAtEnd && isTokenCharAt(this.#text, this.#at)) this.#at++;
    if (this.#at === start) throw this.unexpected();
    return this.#text.slice(start, this.#at);
  }

  /** A quoted string whose content is a token; the cursor is behind the first quote. */
  quoted(): string {
    let value = "";
    for (; this.#text[this.#at] !== '"'; this.#at++) {
      if (this.#text[this.#at] === "\\") this.#at++;
      if (this.isAtEnd || !isTokenCharAt(this.#text, this.#at)) throw this.unexpected();
      value += this.#text[this.#at];
    }
    if (value === "") throw this.unexpected();
    this.#at++;
    return value;
  }

  eat(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  skipSpace(): void {
    while (this.#text[this.#at] === " " || this.#text[this.#at] === "\t") this.#at++;
  }

  /** The white space behind a word: something has to follow it. */
  skipSpaceBetween(): void {
    const start = this.#at;
    this.skipSpace();
    if (this.isAtEnd && this.#at > start) throw this.unexpected();
  }

  unexpected(): SyntaxError {
    if (this.isAtEnd) return new SyntaxError("Unexpected end of input");
    return new SyntaxError(`Unexpected character at index ${this.#at}`);
  }
}
