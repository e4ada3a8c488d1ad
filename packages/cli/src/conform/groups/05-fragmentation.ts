// Group 5: messages in fragments, control frames between them, and continuations of nothing.

import {
  type CloseExpectation,
  cleanClose,
  continuation,
  event,
  failure,
  fragments,
  type Group,
  pause,
  ping,
  send,
  type Step,
  text,
} from "../engine/case.ts";
import type { Delivery } from "../engine/outgoing.ts";
import { opcodes } from "../wire/frame.ts";
import { type SimpleCase, simpleCase } from "./simple-case.ts";

const [one, two] = ["fragment1", "fragment2"] as const;
const whole = event("text", one + two);
const parts = fragments(opcodes.text, [one, two]);
const stray = "non-continuation payload";
const [start, end] = parts as [(typeof parts)[0], (typeof parts)[0]];

const deliveries: readonly [words: string, delivery: Delivery][] = [
  ["", "at once"],
  [", frame by frame", "frame by frame"],
  [", one octet a write", 1],
];

const control = "A control frame must not be fragmented: the connection is failed.";
const joined = "The fragments make one message.";
const between = "Control frames may come between fragments: a pong first, then the message.";
const nothingOpen = "A continuation frame when no message is open fails the connection.";

const failing = failure(1002);

type Row = Omit<SimpleCase, "id" | "section"> & { readonly section?: string };

function row(
  title: string,
  checks: string,
  steps: readonly Step[],
  events: SimpleCase["events"],
  close: CloseExpectation,
): Row {
  return { title, checks, steps, events, close };
}

/** The same in three deliveries. */
function delivered(
  title: string,
  checks: string,
  frames: Parameters<typeof send>[0],
  events: SimpleCase["events"],
  close: CloseExpectation,
): Row[] {
  return deliveries.map(([words, delivery]) =>
    row(title + words, checks, [send(frames, delivery)], events, close),
  );
}

function strayTwice(fin: boolean): Row {
  const frames = [continuation("fragment1", fin), text("fragment2", { fin: false }), end];
  return row(
    `Twice: a continuation with ${fin ? "" : "no "}FIN of nothing, a text in two fragments`,
    nothingOpen,
    [send([...frames, ...frames])],
    { OK: [] },
    failing,
  );
}

/** Five fragments, with pings after the second and the fourth and a pause after the first of these. */
function fiveFragments(delivery: Delivery): Row {
  const payloads = ["fragment1", "fragment2", "fragment3", "fragment4", "fragment5"];
  const [a, b, c, d, e] = fragments(opcodes.text, payloads) as [
    typeof start,
    typeof start,
    typeof start,
    typeof start,
    typeof start,
  ];
  const words = delivery === "at once" ? "" : ", frame by frame";
  return row(
    `A text in five fragments, pings after the second and the fourth, a pause of a second${words}`,
    between,
    [
      send([a, b, ping("pongme 1!")], delivery),
      pause(1_000),
      send([c, d, ping("pongme 2!"), e], delivery),
    ],
    {
      OK: [
        event("pong", "pongme 1!"),
        event("pong", "pongme 2!"),
        event("text", payloads.join("")),
      ],
    },
    cleanClose,
  );
}

const rows: readonly Row[] = [
  row(
    "A ping in two fragments",
    control,
    [send(fragments(opcodes.ping, [one, two]))],
    { OK: [] },
    failing,
  ),
  row(
    "A pong in two fragments",
    control,
    [send(fragments(opcodes.pong, [one, two]))],
    { OK: [] },
    failing,
  ),
  ...delivered("A text in two fragments", joined, parts, { OK: [whole] }, cleanClose),
  ...delivered(
    "A text in two fragments with a ping between them",
    between,
    [start, ping("ping payload"), end],
    { OK: [event("pong", "ping payload"), whole] },
    cleanClose,
  ),
  ...delivered(
    "A continuation with FIN of nothing, then a text",
    nothingOpen,
    [continuation(stray, true), text("Hello, world!")],
    { OK: [] },
    failing,
  ),
  ...delivered(
    "A continuation with no FIN of nothing, then a text",
    nothingOpen,
    [continuation(stray, false), text("Hello, world!")],
    { OK: [] },
    failing,
  ),
  row(
    "A text in two fragments, a continuation with no FIN of nothing, a text",
    `${nothingOpen} The good message before is echoed.`,
    [send([...parts, continuation("fragment3", false), text("fragment4")])],
    { OK: [whole], "NON-STRICT": [] },
    failing,
  ),
  strayTwice(false),
  strayTwice(true),
  row(
    "A text in two fragments, of which the second has the opcode of a text",
    "A message has to end before another begins: the connection is failed.",
    [send([start, text(two)])],
    { OK: [] },
    failing,
  ),
  fiveFragments("at once"),
  fiveFragments("frame by frame"),
];

export const fragmentation: Group = {
  number: 5,
  title: "Fragmentation",
  isPerformance: false,
  cases: rows.map((each, index) =>
    simpleCase({ section: "RFC 6455 §5.4", ...each, id: `5.${index + 1}` }),
  ),
};
