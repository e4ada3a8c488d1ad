// The Sec-WebSocket-Extensions header, parsed and written (RFC 6455 §9.1):
//
//   extension-list = 1#( token *( ";" token [ "=" ( token | quoted-string ) ] ) )
//
// Parsed by hand in one pass, front to back. Parameters are a list of pairs, not a map: a repeated
// parameter is for the extension to decline, so it has to see it.

import { isSpaceAt, isToken, isTokenCharAt, skipSpace } from "./grammar.ts";

/** One extension with its parameters, offered or accepted. */
export interface ExtensionOffer {
  readonly name: string;
  /** Name and value; the value is undefined when there is none. */
  readonly parameters: readonly (readonly [name: string, value: string | undefined])[];
}

/** The extensions in the header's value, in order, or undefined when it breaks the grammar. */
export function parseExtensions(header: string): ExtensionOffer[] | undefined {
  return new ExtensionParser(header).list();
}

/** The header's value for these extensions. */
export function serializeExtensions(extensions: readonly ExtensionOffer[]): string {
  return extensions
    .map(({ name, parameters }) =>
      [
        name,
        ...parameters.map(([key, value]) => (value === undefined ? key : `${key}=${value}`)),
      ].join("; "),
    )
    .join(", ");
}

class ExtensionParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  list(): ExtensionOffer[] | undefined {
    const extensions: ExtensionOffer[] = [];
    for (;;) {
      this.#skipEmptyMembers();
      if (this.#at === this.#text.length) return extensions.length > 0 ? extensions : undefined;
      const extension = this.#extension();
      if (extension === undefined) return undefined;
      extensions.push(extension);
      if (this.#at < this.#text.length && this.#text[this.#at] !== ",") return undefined;
    }
  }

  /** "a recipient MUST parse and ignore a reasonable number of empty list elements" (RFC 9110 §5.6.1). */
  #skipEmptyMembers(): void {
    while (
      this.#at < this.#text.length &&
      (this.#text[this.#at] === "," || isSpaceAt(this.#text, this.#at))
    ) {
      this.#at++;
    }
  }

  #extension(): ExtensionOffer | undefined {
    const name = this.#token();
    if (name === undefined) return undefined;
    const parameters: [string, string | undefined][] = [];
    while (this.#eat(";")) {
      const key = this.#token();
      if (key === undefined) return undefined;
      let value: string | undefined;
      if (this.#eat("=")) {
        value = this.#text[this.#at] === '"' ? this.#quoted() : this.#token();
        if (value === undefined) return undefined;
      }
      parameters.push([key, value]);
    }
    return { name, parameters };
  }

  /** Eats the character, and the white space on both sides of it. */
  #eat(char: string): boolean {
    this.#at = skipSpace(this.#text, this.#at);
    if (this.#text[this.#at] !== char) return false;
    this.#at = skipSpace(this.#text, this.#at + 1);
    return true;
  }

  #token(): string | undefined {
    const start = this.#at;
    while (this.#at < this.#text.length && isTokenCharAt(this.#text, this.#at)) this.#at++;
    return this.#at > start ? this.#text.slice(start, this.#at) : undefined;
  }

  /** "the value after quoted-string unescaping MUST conform to the token ABNF" (§9.1). */
  #quoted(): string | undefined {
    let value = "";
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at] as string;
      if (char === '"') {
        this.#at++;
        return isToken(value) ? value : undefined;
      }
      if (char === "\\") this.#at++;
      value += this.#text[this.#at] ?? "";
    }
    return undefined;
  }
}
