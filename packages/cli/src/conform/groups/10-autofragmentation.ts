// Group 10: a message as a sender writes it that fragments by itself.

import { cleanClose, event, fragments, type Group, send } from "../engine/case.ts";
import { opcodes } from "../wire/frame.ts";
import { simpleCase } from "./simple-case.ts";

const payload = Buffer.alloc(65_536, "*");
const fragment = 1_300;
const parts = Array.from({ length: Math.ceil(payload.length / fragment) }, (_, index) =>
  payload.subarray(index * fragment, (index + 1) * fragment),
);

export const autofragmentation: Group = {
  number: 10,
  title: "Fragmentation by the sender",
  isPerformance: false,
  cases: [
    simpleCase({
      id: "10.1.1",
      title: "A text of 65,536 octets in fragments of 1,300",
      checks: "The message comes back.",
      section: "RFC 6455 §5.4",
      steps: [send(fragments(opcodes.text, parts))],
      events: { OK: [event("text", payload)] },
      close: cleanClose,
    }),
  ],
};
