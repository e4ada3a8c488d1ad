// Figures as people read them.

/** 1,234,567 */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** With three digits that mean something: 0.123, 1.23, 12.3, 123, 1,234 */
export function threeDigits(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** Microseconds: 250 µs, 1.25 ms, 2.5 s */
export function time(micros: number): string {
  if (micros < 1000) return `${Math.round(micros)} µs`;
  if (micros < 1e6) return `${threeDigits(micros / 1000)} ms`;
  return `${threeDigits(micros / 1e6)} s`;
}

/** 64 B, 16 KiB, 1 MiB */
export function bytes(value: number): string {
  if (value < 1024) return `${Math.round(value)} B`;
  if (value < 1024 ** 2) return `${short(value / 1024)} KiB`;
  return `${short(value / 1024 ** 2)} MiB`;
}

function short(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}

/** "1 connection", "2 connections" */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}
