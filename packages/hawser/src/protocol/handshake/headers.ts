// Header fields as a Map from lower-case name to the values in the order they came: a Map, never an
// object, so that a field called "constructor" or "__proto__" is a field like any other.

import { splitList } from "./grammar.ts";

/** Header fields: names in lower case, each with its field lines in order. */
export type Headers = ReadonlyMap<string, readonly string[]>;

/** Names and values by turns, as Node gives them in `rawHeaders`. */
export function headersFromRaw(raw: readonly string[]): Headers {
  const headers = new Map<string, string[]>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    const value = raw[i + 1] as string;
    const lines = headers.get(name);
    if (lines === undefined) headers.set(name, [value]);
    else lines.push(value);
  }
  return headers;
}

/** The value of a field that may occur once; undefined when it is missing or came more than once. */
export function singleHeader(headers: Headers, name: string): string | undefined {
  const lines = headers.get(name);
  return lines?.length === 1 ? lines[0] : undefined;
}

/** Whether a field that is a list has the member, in whatever case (RFC 6455 §4.2.1). */
export function listHas(headers: Headers, name: string, member: string): boolean {
  const lines = headers.get(name) ?? [];
  return lines.some((line) => splitList(line).some((item) => item.toLowerCase() === member));
}
