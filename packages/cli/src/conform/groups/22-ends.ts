// Group 22: how a connection ends, in the corners: codes that were registered after RFC 6455, what lies
// around a Close frame, and TCP that ends before the closing handshake.

import {
  cleanClose,
  close,
  closeWith,
  endTcp,
  event,
  failure,
  fragments,
  type Group,
  halfClose,
  pause,
  ping,
  pong,
  send,
  type Step,
  text,
} from "../engine/case.ts";
import { type FrameSpec, opcodes } from "../wire/frame.ts";
import { type SimpleCase, simpleCase } from "./simple-case.ts";

type Row = Omit<SimpleCase, "id" | "section">;

const hello = "Hello, world!";
const big = Buffer.alloc(64 * 1024, "*");
/** Time in which something could come that should not, in milliseconds. */
const silenceMs = 300;
const [firstPart] = fragments(opcodes.text, ["fragment1", "fragment2"]) as [FrameSpec, FrameSpec];

const registered: readonly Row[] = [1012, 1013, 1014].map((code) => ({
  title: `A Close frame with code ${code}`,
  checks: "The code is registered with IANA: the answer has it as well, or 1000, or none.",
  steps: [closeWith(close(code))],
  events: { OK: [] },
  close: { ...cleanClose, codes: [1000, code], codeDecides: true },
}));

const unsendable: Row = {
  title: "A Close frame with code 1015",
  checks: "No endpoint may send this code: the connection is failed.",
  steps: [send([close(1015)])],
  events: { OK: [] },
  close: { ...failure(1002), codeDecides: true },
};

function around(title: string, checks: string, ...frames: readonly FrameSpec[]): Row {
  const steps = [closeWith(...frames), pause(silenceMs)];
  return { title, checks, steps, events: { OK: [] }, close: cleanClose };
}

const ignored = "It is ignored, and the Close frame answered.";

const surroundings: readonly Row[] = [
  around(
    "A fragment, then a Close frame",
    "The message never ends; the Close frame is answered.",
    firstPart,
    close(1000),
  ),
  around("A Close frame, then a pong", ignored, close(1000), pong("late")),
  around("A Close frame, then a text of 64 KiB", ignored, close(1000), text(big)),
  around("A Close frame, then a reserved opcode", ignored, close(1000), { opcode: 3 }),
  around(
    "A Close frame, then a text that is not UTF-8",
    ignored,
    close(1000),
    text(Buffer.of(0xff)),
  ),
  around("A Close frame, then one with another code", ignored, close(1000), close(4000)),
  {
    title: "A ping, then a Close frame",
    checks: "The ping came before the Close frame, and is answered before it.",
    steps: [closeWith(ping(hello), close(1000))],
    events: { OK: [event("pong", hello)], "NON-STRICT": [] },
    close: cleanClose,
  },
  {
    title: "A reserved opcode, then a Close frame",
    checks: "The connection was failed before the Close frame came: 1002, and not its code.",
    steps: [send([{ opcode: 3 }, close(1000)])],
    events: { OK: [] },
    close: failure(1002),
  },
];

function ended(title: string, ...steps: readonly Step[]): Row {
  return {
    title,
    checks: "The peer ends TCP as well, within a second, and goes on serving others.",
    steps: [...steps, endTcp],
    events: { OK: [] },
    close: halfClose(1000, 1002, 1006),
    isServedAfter: true,
  };
}

/** Less of a frame than its header says. */
function cutOff(frame: FrameSpec, announcedLength: number): Step {
  return send([{ ...frame, announcedLength: BigInt(announcedLength) }]);
}

const tcpFirst: readonly Row[] = [
  ended("TCP ends, and nothing was said"),
  ended("TCP ends behind a fragment", send([firstPart])),
  ended("TCP ends within a payload", cutOff(text(hello), 100)),
  ended("TCP ends within the payload of a Close frame", cutOff(close(1000), 20)),
  {
    ...ended("TCP ends behind a text", send([text(hello)]), pause(silenceMs)),
    events: { OK: [event("text", hello)] },
  },
  {
    ...ended("TCP ends right behind a Close frame", closeWith(close(1000))),
    checks: "The peer answers, or only ends TCP, within a second.",
  },
];

const tables: readonly (readonly [section: string, rows: readonly Row[]])[] = [
  ["RFC 6455 §7.4.2", registered],
  ["RFC 6455 §7.4.1", [unsendable]],
  ["RFC 6455 §5.5.1, §7.1.7", surroundings],
  ["RFC 6455 §7.1.1, §7.2", tcpFirst],
];

export const ends: Group = {
  number: 22,
  title: "Ends",
  isPerformance: false,
  cases: tables.flatMap(([section, rows], subgroup) =>
    rows.map((row, index) =>
      simpleCase({ ...row, id: `22.${subgroup + 1}.${index + 1}`, section }),
    ),
  ),
};
