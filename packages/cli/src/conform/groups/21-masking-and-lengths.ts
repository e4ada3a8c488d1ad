// Group 21: frames with the wrong mask, and lengths that the RFC does not permit.

import {
  binary,
  cleanClose,
  continuation,
  event,
  failure,
  type Group,
  ping,
  send,
  text,
} from "../engine/case.ts";
import type { FrameSpec } from "../wire/frame.ts";
import { opcodes, closePayload } from "../wire/frame.ts";
import { type SimpleCase, simpleCase } from "./simple-case.ts";

const hello = "Hello, world!";
const masks = "A client masks every frame and a server none: the connection is failed.";
const topBit = "The highest bit of a 64-bit length is 0: the connection is failed.";
const shortest = "A length is written in its shortest form: what is not may fail the connection.";

type Row = Omit<SimpleCase, "id" | "section">;

/** The frame with a mask if the tester is a server, and without if it is a client. */
function wronglyMasked(frame: FrameSpec): FrameSpec {
  return { ...frame, hasWrongMask: true };
}

function wrongMask(what: string, ...frames: readonly FrameSpec[]): Row {
  return {
    title: `${what}, masked as only the other side may`,
    checks: masks,
    steps: [send(frames)],
    events: { OK: [] },
    close: failure(1002),
  };
}

const masking: readonly Row[] = [
  wrongMask("A text", wronglyMasked(text(hello))),
  wrongMask("An empty text", wronglyMasked(text(""))),
  wrongMask("A binary message", wronglyMasked(binary(Buffer.from(hello)))),
  wrongMask("A ping", wronglyMasked(ping(hello))),
  wrongMask("A Close frame", wronglyMasked({ opcode: opcodes.close, payload: closePayload(1000) })),
  wrongMask(
    "The second fragment of a text",
    text(hello, { fin: false }),
    wronglyMasked(continuation(hello, true)),
  ),
  {
    ...wrongMask("A text behind a good one", text(hello), wronglyMasked(text("second"))),
    events: { OK: [event("text", hello)], "NON-STRICT": [] },
  },
];

/** A length that is one of `octets` to who looks at 63 bits only. */
function withTopBit(octets: number): Row {
  return {
    title: `A binary frame of ${octets} octets with the highest bit of its length set`,
    checks: topBit,
    steps: [
      send([
        binary(Buffer.alloc(octets, 1), {
          announcedLength: 2n ** 63n + BigInt(octets),
          lengthForm: 64,
        }),
      ]),
    ],
    events: { OK: [] },
    close: failure(1002, 1009),
  };
}

const topBits: readonly Row[] = [0, 5, 70_000].map(withTopBit);

function longForm(octets: number, lengthForm: 16 | 64): Row {
  const payload = Buffer.alloc(octets, "*");
  return {
    title: `A text of ${octets} octets with a length of ${lengthForm} bits`,
    checks: shortest,
    steps: [send([text(payload, { lengthForm })])],
    events: { OK: [] },
    close: failure(1002),
    tolerated: { events: [event("text", payload)], close: cleanClose },
  };
}

const longForms: readonly Row[] = [
  longForm(0, 16),
  longForm(5, 16),
  longForm(125, 16),
  longForm(0, 64),
  longForm(5, 64),
  longForm(126, 64),
  longForm(65_535, 64),
];

function longControl(lengthForm: 16 | 64): Row {
  return {
    title: `A ping of 5 octets with a length of ${lengthForm} bits`,
    checks: shortest,
    steps: [send([{ ...ping("12345"), lengthForm }])],
    events: { OK: [] },
    close: failure(1002),
    tolerated: { events: [event("pong", "12345")], close: cleanClose },
  };
}

const tables: readonly (readonly [section: string, rows: readonly Row[]])[] = [
  ["RFC 6455 §5.1", masking],
  ["RFC 6455 §5.2", topBits],
  ["RFC 6455 §5.2", longForms],
  ["RFC 6455 §5.5", [longControl(16), longControl(64)]],
];

export const maskingAndLengths: Group = {
  number: 21,
  title: "Masks and lengths",
  isPerformance: false,
  cases: tables.flatMap(([section, rows], subgroup) =>
    rows.map((row, index) =>
      simpleCase({ ...row, id: `21.${subgroup + 1}.${index + 1}`, section }),
    ),
  ),
};
