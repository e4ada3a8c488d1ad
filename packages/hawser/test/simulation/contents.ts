// What simulated parties send: slices of the soak's pools, mostly short ones.

import { anySlice, contentOf, type Random } from "../soak/content.ts";
import type { Content } from "./oracles.ts";

const upTo: readonly [chance: number, most: number][] = [
  [0.7, 40],
  [0.9, 400],
  [0.98, 5_000],
  [1, 40_000],
];

/** Any message of at most so many bytes, or units of text. */
export function anyContent(random: Random, most: number = Infinity): Content {
  const place = random.bits() / 2 ** 32;
  const limit = upTo.find(([chance]) => place < chance)?.[1] ?? 0;
  return contentOf(anySlice(random, Math.min(limit, most)));
}
