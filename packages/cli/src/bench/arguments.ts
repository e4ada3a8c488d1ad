// Parsers of the arguments that only the bench has.

import { InvalidArgumentError } from "commander";
import type { ScenarioName } from "./page/result.ts";

const milliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const maxMs = 24 * 3_600_000;

/** "10", "10s", "500ms", "2m", as milliseconds; seconds without a unit. @throws InvalidArgumentError */
export function parseDuration(text: string): number {
  const [, number, unit = "s"] = /^(\d*\.?\d+)(ms|s|m|h)?$/.exec(text) ?? [];
  const ms = Math.round(Number(number) * milliseconds[unit as keyof typeof milliseconds]);
  if (number !== undefined && ms <= maxMs) return ms;
  throw new InvalidArgumentError("A time is a number of seconds, or has a unit: 500ms, 10s, 2m.");
}

/** As `parseDuration`, and not nothing. @throws InvalidArgumentError */
export function parsePositiveDuration(text: string): number {
  const ms = parseDuration(text);
  if (ms > 0) return ms;
  throw new InvalidArgumentError("It has to be more than 0.");
}

const maxMessageBytes = 64 * 1024 * 1024;

/** "64", "16k", "1M", several with commas, as bytes. @throws InvalidArgumentError */
export function parseSizes(text: string): number[] {
  return text.split(",").map((size) => {
    const [, number, unit = ""] = /^(\d+)\s*([km]?)(?:i?b)?$/i.exec(size.trim()) ?? [];
    const bytes = Number(number) * 1024 ** ["", "k", "m"].indexOf(unit.toLowerCase());
    if (number !== undefined && bytes <= maxMessageBytes) return bytes;
    throw new InvalidArgumentError("Sizes are bytes, such as 64, 16k, 1M or 64,16k; up to 64M.");
  });
}

/** A number above 0; fractions are fine. @throws InvalidArgumentError */
export function parseRate(text: string): number {
  const rate = Number(text.replaceAll(/[,_](?=\d{3})/g, ""));
  if (rate > 0 && rate <= 1e7) return rate;
  throw new InvalidArgumentError("A rate is a number a second, above 0 and up to 10 million.");
}

/** A whole number from 1 to `max`. */
export function parseCount(max: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (/^\d+$/.test(text) && count >= 1 && count <= max) return count;
    throw new InvalidArgumentError(`A whole number from 1 to ${max}.`);
  };
}

export const scenarioNames: readonly ScenarioName[] = ["echo", "fan-out", "storm", "idle"];
