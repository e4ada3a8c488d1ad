// What is sent: slices of two pools that every process makes alike, so that what comes back, or comes
// from another connection, is held against what was sent, byte by byte.

import { Buffer } from "node:buffer";

/** A large message: compressing it takes longer than anything that overtakes it would. */
export const largestBytes = 300_000;

/** Pseudorandom, so that a run can be repeated with the seed it tells. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 1;
  }

  /** 32 bits, by xorshift. */
  bits(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }

  /** A whole number from 0 to below that. */
  below(end: number): number {
    return this.bits() % end;
  }

  chance(of: number): boolean {
    return this.bits() < of * 2 ** 32;
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)] as Value;
  }
}

/** JSON with characters of one to four bytes; a slice of it may part a 🦜, which `whole` mends. */
const texts: string = makeTexts(largestBytes * 1.5);
const textBytes: Buffer = Buffer.from(texts);
const noise: Buffer = makeNoise(largestBytes * 1.5);

function makeTexts(length: number): string {
  let all = "";
  for (let id = 0; all.length < length; id++) {
    const price = (id * 7919) % 1000;
    all += `{"id":${id},"name":"Bücher €${price} 🦜","isOpen":${id % 3 === 0},"tags":["a","b"]},`;
  }
  return all.slice(0, length);
}

function makeNoise(length: number): Buffer {
  const random = new Random(7692);
  const bytes = Buffer.alloc(length);
  for (let at = 0; at + 4 <= length; at += 4) bytes.writeUInt32LE(random.bits(), at);
  return bytes;
}

/** A slice of a pool. */
export interface Slice {
  readonly kind: "text" | "json" | "noise";
  readonly start: number;
  readonly length: number;
}

const upTo: readonly [chance: number, most: number][] = [
  [0.05, 0],
  [0.35, 125],
  [0.6, 1_023],
  [0.85, 5_000],
  [0.97, 70_000],
  [1, largestBytes],
];

/** Any slice of that length at most; the short ones are the more frequent. */
export function anySlice(random: Random, most: number = largestBytes): Slice {
  const place = random.bits() / 2 ** 32;
  const limit = upTo.find(([chance]) => place < chance)?.[1] ?? 0;
  const longest = Math.min(limit, most);
  const length = longest === largestBytes ? longest : random.below(longest + 1);
  const kind = random.pick(["text", "text", "json", "noise"] as const);
  return { kind, start: random.below(largestBytes / 2), length };
}

/** The message, a view of the pool where it is binary. */
export function contentOf({ kind, start, length }: Slice): string | Buffer {
  if (kind === "text") return whole(texts.slice(start, start + length));
  return (kind === "json" ? textBytes : noise).subarray(start, start + length);
}

/** Without the half of a character at either end. */
function whole(text: string): string {
  const isHalf = (unit: string, of: number): boolean => (unit.charCodeAt(0) & 0xfc00) === of;
  const start = isHalf(text.slice(0, 1), 0xdc00) ? 1 : 0;
  return text.slice(start, isHalf(text.slice(-1), 0xd800) ? -1 : undefined);
}

export function isSame(one: string | Buffer, other: string | Buffer): boolean {
  if (typeof one === "string" || typeof other === "string") return one === other;
  return one.equals(other);
}

/** For faults: what it is, without all of it. */
export function describe(message: string | Buffer | undefined): string {
  if (message === undefined) return "nothing";
  const kind = typeof message === "string" ? "text" : "binary";
  return `${kind} of ${message.length}, ${JSON.stringify(message.slice(0, 40).toString())}`;
}
