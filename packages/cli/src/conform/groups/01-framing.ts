// Group 1: messages of the sizes at which the form of the length changes.

import { binary, type Case, cleanClose, event, type Group, send, text } from "../engine/case.ts";
import { count } from "../wire/wire-log.ts";

const sizes = [0, 125, 126, 127, 128, 65_535, 65_536];
/** The last case of each subgroup: the largest size, in writes of so many octets. */
const chop = 997;

const kinds = [
  { type: "text", frame: text, fill: "*".charCodeAt(0) },
  { type: "binary", frame: binary, fill: 0xfe },
] as const;

const cases = kinds.flatMap(({ type, frame, fill }, kind): Case[] =>
  [...sizes, 65_536].map((size, index): Case => {
    const isChopped = index === sizes.length;
    return {
      kind: "script",
      id: `1.${kind + 1}.${index + 1}`,
      title: `A ${type} message of ${count(size, "octet")}${isChopped ? `, ${chop} octets a write` : ""}`,
      checks: "It comes back as it was, with its type.",
      section: "RFC 6455 §5.2, §5.6",
      limitMs: 1_000,
      close: cleanClose,
      script: () => {
        const payload = Buffer.alloc(size, fill);
        return {
          steps: [send([frame(payload)], isChopped ? chop : "at once")],
          events: { OK: [event(type, payload)] },
        };
      },
    };
  }),
);

export const framing: Group = { number: 1, title: "Framing", isPerformance: false, cases };
