// Parsers of arguments that commands have in common: each gives a value, or throws what commander shows beside the
// option, so that a wrong argument never reaches a command.

import { InvalidArgumentError } from "commander";

/** A TCP port; 0 picks a free one. @throws InvalidArgumentError */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("A port is a whole number from 0 to 65535.");
}

/** A whole number, 1 or more. @throws InvalidArgumentError */
export function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && Number.isSafeInteger(count)) return count;
  throw new InvalidArgumentError("A count is a whole number, 1 or more.");
}

/** The longest time that a timer can wait. */
const maxSeconds = (2 ** 31 - 1) / 1000;

/** Seconds, as milliseconds; fractions are fine. @throws InvalidArgumentError */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (/^\d*\.?\d+$/.test(text) && seconds <= maxSeconds) return Math.round(seconds * 1000);
  throw new InvalidArgumentError("Seconds are a number such as 2 or 0.5.");
}

/** Gathers what an option that may be repeated was given. */
export function appendTo<Item>(item: Item, items: readonly Item[] = []): Item[] {
  return [...items, item];
}

/** A header field, 'Name: value', behind those before. @throws InvalidArgumentError */
export function appendHeader(
  text: string,
  headers: readonly (readonly [string, string])[] = [],
): (readonly [string, string])[] {
  const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError("A header looks like 'Name: value'.");
  }
  return appendTo([name, value] as const, headers);
}
