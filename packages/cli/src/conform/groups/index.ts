// The table of all groups. 1 to 13 have the numbers and the verdicts of the Autobahn testsuite; groups
// of our own begin with 20.

import type { Case, Group } from "../engine/case.ts";
import { framing } from "./01-framing.ts";
import { pingsAndPongs } from "./02-pings-and-pongs.ts";
import { reservedBits } from "./03-reserved-bits.ts";
import { reservedOpcodes } from "./04-opcodes.ts";
import { fragmentation } from "./05-fragmentation.ts";
import { utf8 } from "./06-utf8.ts";
import { closing } from "./07-closing.ts";
import { limits } from "./09-limits.ts";
import { autofragmentation } from "./10-autofragmentation.ts";
import { deflateContents } from "./12-deflate-contents.ts";
import { deflateParameters } from "./13-deflate-parameters.ts";
import { opening } from "./20-opening.ts";
import { maskingAndLengths } from "./21-masking-and-lengths.ts";
import { ends } from "./22-ends.ts";
import { deflateFrames } from "./23-deflate-frames.ts";
import { contentsOctetByOctet } from "./24-contents.ts";
import { floodsAndLimits } from "./25-floods.ts";
import { octetByOctetOf } from "./29-octet-by-octet.ts";
import { http2Of } from "./30-http2.ts";

/** What others have as well, and what is ours and not made of that. */
const basic: readonly Group[] = [
  framing,
  pingsAndPongs,
  reservedBits,
  reservedOpcodes,
  fragmentation,
  utf8,
  closing,
  limits,
  autofragmentation,
  deflateContents,
  deflateParameters,
  opening,
  maskingAndLengths,
  ends,
  deflateFrames,
  contentsOctetByOctet,
  floodsAndLimits,
];

const functional = basic.filter(({ isPerformance }) => !isPerformance);

export const groups: readonly Group[] = [...basic, octetByOctetOf(functional), http2Of(functional)];

/** The group that a case belongs to. */
export function groupOf(id: string): Group {
  const group = groups.find(({ number }) => id.startsWith(`${number}.`));
  if (group === undefined) throw new Error(`no group has the case ${id}`);
  return group;
}

export interface CaseSelection {
  /** Patterns such as "1.*" and "6.4.1"; all cases when there is none. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/**
 * The cases that patterns choose, in their order. "6.4" is all of that subgroup.
 *
 * @throws {Error} when a pattern fits no case
 */
export function selectCases(
  { include, exclude }: CaseSelection,
  from: readonly Case[] = groups.flatMap(({ cases }) => cases),
): Case[] {
  const tests = new Map([...include, ...exclude].map((text) => [text, patternOf(text)]));
  for (const [text, pattern] of tests) {
    if (!from.some(({ id }) => pattern.test(id))) throw new Error(`no case is called ${text}`);
  }
  const fits = (texts: readonly string[], id: string): boolean =>
    texts.some((text) => tests.get(text)?.test(id) === true);
  return from.filter(({ id }) => (include.length === 0 || fits(include, id)) && !fits(exclude, id));
}

function patternOf(text: string): RegExp {
  const parts = text.split(".").map((part) => {
    if (part === "*") return "[^.]+";
    if (!/^\d+$/.test(part)) {
      throw new Error(`${text} is no pattern of cases: they look like 1.*, 6.4.* and 7.1.6`);
    }
    return part;
  });
  return new RegExp(`^${parts.join("\\.")}(?:\\..+)?$`);
}
