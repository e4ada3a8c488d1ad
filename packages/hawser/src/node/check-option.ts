// Checks of options, whatever they are of.

import { UsageError } from "../protocol/index.ts";

/** The longest delay that Node's timers take, in milliseconds. */
export const maxDelayMs: number = 2 ** 31 - 1;

/**
 * The value, when it is a whole number in range.
 *
 * @throws UsageError HAWSER_OPTION_INVALID
 */
export function checkInteger(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw optionError(name, value, `a whole number from ${least} to ${most}`);
}

/** The error of an option that has a wrong value. */
export function optionError(name: string, value: unknown, expected: string): UsageError {
  return new UsageError(
    "HAWSER_OPTION_INVALID",
    `the option ${name} must be ${expected}, not ${JSON.stringify(value) ?? String(value)}`,
  );
}

/** The value, when it is a delay that a timer can wait. @throws UsageError HAWSER_OPTION_INVALID */
export function checkDelay(name: string, value: number): number {
  return checkInteger(name, value, 1, maxDelayMs);
}
