// Group 24: the content of large messages, octet by octet: random octets, any characters, any fragments,
// so that one that is lost, doubled, moved or unmasked wrongly can't look like another.

import {
  binary,
  type Case,
  cleanClose,
  event,
  fragments,
  type Group,
  send,
  text,
} from "../engine/case.ts";
import type { Delivery } from "../engine/outgoing.ts";
import { opcodes } from "../wire/frame.ts";
import type { Random } from "../wire/random.ts";
import { count } from "../wire/wire-log.ts";

/** Characters of one to four octets each. */
const characters = ["a", "~", "\u0000", "µ", "\u07ff", "ࠀ", "€", "\uffff", "𐀀", "😀", "\u{10ffff}"];

/** A text of that many octets. */
function randomText(random: Random, octets: number): Buffer {
  const parts: string[] = [];
  let length = 0;
  while (length < octets) {
    const character = characters[random.below(characters.length)] as string;
    const size = Buffer.byteLength(character);
    parts.push(length + size > octets ? "." : character);
    length += length + size > octets ? 1 : size;
  }
  return Buffer.from(parts.join(""));
}

/** The content in parts of any size up to that many octets, some of them empty. */
function anyParts(random: Random, content: Buffer, largest: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let from = 0; from < content.length; ) {
    const size = random.below(largest);
    parts.push(content.subarray(from, from + size));
    from += size;
  }
  return parts;
}

interface Content {
  readonly type: "text" | "binary";
  readonly octets: number;
  /** The largest fragment; one frame without. */
  readonly largest?: number;
  readonly delivery?: Delivery;
}

const KiB = 1024;

const contents: readonly Content[] = (["text", "binary"] as const).flatMap((type) => [
  { type, octets: 125 },
  { type, octets: 126 },
  { type, octets: 4_097 },
  { type, octets: 65_535 },
  { type, octets: 65_536 },
  { type, octets: 65_537 },
  { type, octets: 256 * KiB + 3 },
  { type, octets: 1024 * KiB },
  { type, octets: 20_000, largest: 40 },
  { type, octets: 256 * KiB, largest: 4_000 },
  { type, octets: 1024 * KiB, largest: 100_000 },
  { type, octets: 64 * KiB, delivery: 7 },
  { type, octets: 256 * KiB, delivery: 1_021 },
  { type, octets: 256 * KiB, largest: 4_000, delivery: 1_021 },
]);

function caseOf({ type, octets, largest, delivery = "at once" }: Content, index: number): Case {
  const parts = largest === undefined ? "" : `, in fragments of up to ${count(largest, "octet")}`;
  const writes = typeof delivery === "number" ? `, ${count(delivery, "octet")} a write` : "";
  return {
    kind: "script",
    id: `24.${type === "text" ? 1 : 2}.${(index % (contents.length / 2)) + 1}`,
    title: `A ${type} message of ${count(octets, "random octet")}${parts}${writes}`,
    checks: "Every octet comes back, in its place.",
    section: "RFC 6455 §5.3, §5.4, §5.6",
    limitMs: 5_000,
    close: cleanClose,
    script: (random) => {
      const content = type === "text" ? randomText(random, octets) : random.octets(octets);
      const whole = type === "text" ? text(content) : binary(content);
      const frames =
        largest === undefined
          ? [whole]
          : fragments(opcodes[type], anyParts(random, content, largest));
      return { steps: [send(frames, delivery)], events: { OK: [event(type, content)] } };
    },
  };
}

export const contentsOctetByOctet: Group = {
  number: 24,
  title: "Contents of large messages",
  isPerformance: false,
  cases: contents.map(caseOf),
};
