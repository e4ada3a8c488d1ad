// The 18 cases that every subgroup of groups 12 and 13 has: sizes of messages, and of fragments.

import type { RoundTripCase } from "../engine/case.ts";
import type { DeflateParameters } from "../wire/extensions.ts";
import { count } from "../wire/wire-log.ts";
import { type CorpusKind, windowOf } from "./corpus.ts";

interface Size {
  readonly octets: number;
  readonly fragmentBytes?: number;
}

const sizes: readonly Size[] = [
  ...[16, 64, 256, 1024, 4096, 8192, 16_384, 32_768, 65_536, 131_072].map((octets) => ({ octets })),
  ...[8192, 16_384, 32_768, 65_536, 131_072].map((octets) => ({ octets, fragmentBytes: 256 })),
  ...[1024, 4096, 32_768].map((fragmentBytes) => ({ octets: 131_072, fragmentBytes })),
];

const rounds = 1_000;
/** For all rounds of a case, in milliseconds: a minute, and more where they take more. */
function limitFor(octets: number): number {
  return Math.max(60_000, (octets / 65_536) * 240_000);
}

export interface DeflateSubgroup {
  /** Such as "12.1". */
  readonly id: string;
  readonly kind: CorpusKind;
  readonly type: "text" | "binary";
  /** What of the parameters the title says. */
  readonly with: string;
  readonly deflate: readonly DeflateParameters[];
}

/** The cases of a subgroup. */
export function deflateCases(subgroup: DeflateSubgroup): RoundTripCase[] {
  const { id, kind, type, deflate } = subgroup;
  return sizes.map(({ octets, fragmentBytes }, index) => ({
    kind: "round trips",
    id: `${id}.${index + 1}`,
    title:
      `${count(rounds, "round trip")} of ${kind} in ${type} messages of ${count(octets, "octet")}` +
      `${fragmentBytes === undefined ? "" : `, in fragments of ${fragmentBytes}`}${subgroup.with}`,
    checks: "Compressed messages come back with their content.",
    section: "RFC 7692 §7",
    limitMs: limitFor(octets),
    type,
    rounds,
    content: (round) => windowOf(kind, octets, round),
    ...(fragmentBytes !== undefined && { fragmentBytes }),
    deflate,
  }));
}
