// Group 4: the opcodes that RFC 6455 reserves, for data (3 to 7) and for control frames (11 to 15).

import { event, failure, type Group, ping, send, text } from "../engine/case.ts";
import type { Delivery } from "../engine/outgoing.ts";
import type { FrameSpec } from "../wire/frame.ts";
import { type SimpleCase, simpleCase } from "./simple-case.ts";

const checks = "An unknown opcode fails the connection.";
const hello = "Hello, world!";
const payload = Buffer.from("reserved opcode payload");

interface Variant {
  readonly what: (opcode: number) => string;
  readonly frames: (opcode: number) => readonly FrameSpec[];
  readonly delivery: Delivery;
  /** Whether a good message comes before. */
  readonly isAfterText: boolean;
}

function betweenTextAndPing(reserved: FrameSpec): readonly FrameSpec[] {
  return [text(hello), reserved, ping()];
}

const variants: readonly Variant[] = [
  {
    what: (opcode) => `A frame with opcode ${opcode}, empty`,
    frames: (opcode) => [{ opcode }],
    delivery: "at once",
    isAfterText: false,
  },
  {
    what: (opcode) => `A frame with opcode ${opcode} and a payload`,
    frames: (opcode) => [{ opcode, payload }],
    delivery: "at once",
    isAfterText: false,
  },
  {
    what: (opcode) => `A text, a frame with opcode ${opcode}, empty, a ping`,
    frames: (opcode) => betweenTextAndPing({ opcode }),
    delivery: "at once",
    isAfterText: true,
  },
  {
    what: (opcode) => `A text, a frame with opcode ${opcode} and a payload, a ping, frame by frame`,
    frames: (opcode) => betweenTextAndPing({ opcode, payload }),
    delivery: "frame by frame",
    isAfterText: true,
  },
  {
    what: (opcode) =>
      `A text, a frame with opcode ${opcode} and a payload, a ping, one octet a write`,
    frames: (opcode) => betweenTextAndPing({ opcode, payload }),
    delivery: 1,
    isAfterText: true,
  },
];

const cases = [3, 11].flatMap((first, subgroup) =>
  variants.map(({ what, frames, delivery, isAfterText }, index) => {
    const opcode = first + index;
    const row: SimpleCase = {
      id: `4.${subgroup + 1}.${index + 1}`,
      title: what(opcode),
      checks: isAfterText
        ? `${checks} The good message before is echoed, the ping behind is not answered.`
        : checks,
      section: "RFC 6455 §5.2",
      steps: [send(frames(opcode), delivery)],
      events: isAfterText ? { OK: [event("text", hello)], "NON-STRICT": [] } : { OK: [] },
      close: failure(1002),
    };
    return simpleCase(row);
  }),
);

export const reservedOpcodes: Group = {
  number: 4,
  title: "Reserved opcodes",
  isPerformance: false,
  cases,
};
