// The other side of child.ts: what a program does on each order, and how it tells.

import type { Note } from "./child.ts";

/** Tells the process that has started this one. */
export function tell(...note: Note): void {
  // Whoever does not listen any more has ended, and so will we.
  if (process.connected) process.send?.(note, () => undefined);
}

/** Obeys orders by name, until the channel ends; then the process does, whatever it is doing. */
export function obey(orders: Readonly<Record<string, (...values: never[]) => unknown>>): void {
  process.on("message", ([name, ...values]: Note) => orders[name]?.(...(values as never[])));
  process.on("disconnect", () => process.exit());
  tell("started");
}

/** Milliseconds on a clock that all processes of this machine share. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
