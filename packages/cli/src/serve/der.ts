// As much of DER (X.690) as a certificate is made of: each value is a tag, a length and its contents.

import { Buffer } from "node:buffer";

/** A value with that tag, made of others. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(body.length)]), body]);
}

/** Up to 127 one byte says it; beyond, one says how many do. */
function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return [0x80 | bytes.length, ...bytes];
}

export function sequence(...contents: readonly Uint8Array[]): Buffer {
  return der(0x30, ...contents);
}

/** The dots of an object identifier, such as "2.5.4.3". */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second, ...others].flatMap((arc) => {
    const digits = [arc & 0x7f];
    for (let rest = arc >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80);
    return digits;
  });
  return der(0x06, Buffer.from(bytes));
}

/** Whole bytes: none of the bits is unused. */
export function bitString(contents: Uint8Array): Buffer {
  return der(0x03, Buffer.from([0]), contents);
}

/** "YYMMDDhhmmssZ" (RFC 5280 §4.1.2.5.1), good until 2049. */
export function utcTime(date: Date): Buffer {
  const digits = date.toISOString().replaceAll(/\D/g, "").slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}
