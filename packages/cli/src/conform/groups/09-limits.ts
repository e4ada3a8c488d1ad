// Group 9: large messages, many fragments, many round trips. What comes back is compared by type and
// length; how long it takes is the result.

import {
  binary,
  type Case,
  cleanClose,
  fragments,
  type Group,
  type ScriptCase,
  send,
  text,
} from "../engine/case.ts";
import type { Delivery } from "../engine/outgoing.ts";
import { type FrameSpec, opcodes } from "../wire/frame.ts";
import { count } from "../wire/wire-log.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const types = ["text", "binary"] as const;
const limitMs = 120_000;

function size(octets: number): string {
  if (octets >= MiB) return `${octets / MiB} MiB`;
  return octets >= KiB ? `${octets / KiB} KiB` : count(octets, "octet");
}

function payload(octets: number): Buffer {
  return Buffer.alloc(octets, "0123456789abcdefghijklmnopqrstuvwxyz-+*/ ");
}

interface LargeMessage {
  readonly id: string;
  readonly title: string;
  readonly type: "text" | "binary";
  readonly octets: number;
  readonly frames: (data: Buffer) => readonly FrameSpec[];
  readonly delivery?: Delivery;
}

function largeMessage({ id, title, type, octets, frames, ...more }: LargeMessage): ScriptCase {
  return {
    kind: "script",
    id,
    title,
    checks: "A message of the same type and length comes back.",
    section: "RFC 6455 §5.2, §5.4",
    limitMs,
    isMeasured: true,
    close: cleanClose,
    script: () => ({
      steps: [send(frames(payload(octets)), more.delivery)],
      events: { OK: [{ type, length: octets }] },
    }),
  };
}

/** Fragments of a size; all but a message of one fragment end with an empty one. */
function inFragments(type: "text" | "binary", data: Buffer, fragmentOctets: number) {
  const parts: Buffer[] = [];
  for (let from = 0; from < data.length; from += fragmentOctets) {
    parts.push(data.subarray(from, from + fragmentOctets));
  }
  return fragments(opcodes[type], parts.length === 1 ? parts : [...parts, Buffer.alloc(0)]);
}

const whole = types.flatMap((type, kind) =>
  [64 * KiB, 256 * KiB, MiB, 4 * MiB, 8 * MiB, 16 * MiB].map((octets, index) =>
    largeMessage({
      id: `9.${kind + 1}.${index + 1}`,
      title: `A ${type} message of ${size(octets)}`,
      type,
      octets,
      frames: (data) => [type === "text" ? text(data) : binary(data)],
    }),
  ),
);

const fragmented = types.flatMap((type, kind) =>
  [64, 256, KiB, 4 * KiB, 16 * KiB, 64 * KiB, 256 * KiB, MiB, 4 * MiB].map((fragment, index) =>
    largeMessage({
      id: `9.${kind + 3}.${index + 1}`,
      title: `A ${type} message of 4 MiB in fragments of ${size(fragment)}`,
      type,
      octets: 4 * MiB,
      frames: (data) => inFragments(type, data, fragment),
    }),
  ),
);

const chopped = types.flatMap((type, kind) =>
  [64, 128, 256, 512, 1024, 2048].map((octetsAWrite, index) =>
    largeMessage({
      id: `9.${kind + 5}.${index + 1}`,
      title: `A ${type} message of 1 MiB, ${size(octetsAWrite)} a write`,
      type,
      octets: MiB,
      frames: (data) => [type === "text" ? text(data) : binary(data)],
      delivery: octetsAWrite,
    }),
  ),
);

const rounds = 1_000;

const roundTrips = types.flatMap((type, kind) =>
  [0, 16, 64, 256, 1024, 4096].map((octets, index): Case => {
    const content = payload(octets);
    return {
      kind: "round trips",
      id: `9.${kind + 7}.${index + 1}`,
      title: `${count(rounds, "round trip")} of ${type} messages of ${count(octets, "octet")}`,
      checks: "Each message comes back; the time is the result.",
      section: "RFC 6455 §5.2",
      limitMs,
      type,
      rounds,
      content: () => content,
    };
  }),
);

export const limits: Group = {
  number: 9,
  title: "Limits and performance",
  isPerformance: true,
  cases: [...whole, ...fragmented, ...chopped, ...roundTrips],
};
