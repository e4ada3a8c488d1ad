// `extension` of `ws`: the Sec-WebSocket-Extensions header as an object, and back.

import { HeaderCursor } from "./header-cursor.ts";

/** The parameters of one offer: each name with all its values, true where it has none. */
export type ExtensionParameters = Record<string, (string | true)[]>;

/** By name of the extension: its offers, best first. */
export type ExtensionOffers = Record<string, ExtensionParameters[]>;

/** One value or several. */
type OneOrMore<T> = T | readonly T[];

/** Reads the header. @throws SyntaxError */
export function parse(header: string): ExtensionOffers {
  const offers = Object.create(null) as ExtensionOffers;
  const cursor = new HeaderCursor(header);
  for (;;) {
    const name = cursor.token();
    cursor.skipSpaceBetween();
    const parameters = readParameters(cursor);
    (offers[name] ??= []).push(parameters);
    if (cursor.isAtEnd) return offers;
    if (!cursor.eat(",")) throw cursor.unexpected();
    cursor.skipSpace();
  }
}

function readParameters(cursor: HeaderCursor): ExtensionParameters {
  const parameters = Object.create(null) as ExtensionParameters;
  while (cursor.eat(";")) {
    cursor.skipSpace();
    const name = cursor.token();
    const value = cursor.eat("=") ? readValue(cursor) : true;
    (parameters[name] ??= []).push(value);
    cursor.skipSpaceBetween();
  }
  return parameters;
}

function readValue(cursor: HeaderCursor): string {
  return cursor.eat('"') ? cursor.quoted() : cursor.token();
}

/** Writes the header. */
export function format(
  extensions: Readonly<
    Record<string, OneOrMore<Readonly<Record<string, OneOrMore<string | number | true>>>>>
  >,
): string {
  return Object.entries(extensions)
    .flatMap(([name, offers]) =>
      listOf(offers).map((parameters) => [name, ...formatParameters(parameters)].join("; ")),
    )
    .join(", ");
}

function formatParameters(
  parameters: Readonly<Record<string, OneOrMore<string | number | true>>>,
): string[] {
  return Object.entries(parameters).flatMap(([name, values]) =>
    listOf(values).map((value) => (value === true ? name : `${name}=${value}`)),
  );
}

function listOf<T>(value: OneOrMore<T>): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

/** Both, as `ws` exports them. */
export const extension: { readonly format: typeof format; readonly parse: typeof parse } = {
  format,
  parse,
};
