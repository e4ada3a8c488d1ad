// Group 7: the closing handshake: what comes behind a Close frame, and what a Close frame may hold.

import {
  type CloseExpectation,
  cleanClose,
  close,
  closeWith,
  continuation,
  event,
  failure,
  fragments,
  type Group,
  pause,
  ping,
  send,
  text,
} from "../engine/case.ts";
import { type FrameSpec, opcodes } from "../wire/frame.ts";
import { type SimpleCase, simpleCase } from "./simple-case.ts";

const hello = "Hello World!";
const section = "RFC 6455 §5.5.1";
/** In this group a wrong code is what is tested. */
const decides = { codeDecides: true };
/** Time in which something could come that should not, in milliseconds. */
const silenceMs = 500;

const big = Buffer.alloc(256 * 1024, "*");
const [firstPart] = fragments(opcodes.text, ["fragment1", "fragment2"]) as [FrameSpec, FrameSpec];

type Row = Omit<SimpleCase, "id" | "section">;

/** A Close frame, of which the payload is tested. */
function closeFrame(title: string, checks: string, payload: Buffer, end: CloseExpectation): Row {
  const frame: FrameSpec = { opcode: opcodes.close, payload };
  const steps = end.by === "tester" ? [closeWith(frame)] : [send([frame])];
  return { title, checks, steps, events: { OK: [] }, close: { ...end, ...decides } };
}

function payloadOf(code: number, reason: string | Buffer = ""): Buffer {
  return Buffer.from(close(code, reason).payload ?? []);
}

const afterClose: readonly Row[] = [
  {
    title: "A text, then the closing handshake",
    checks: "The text is echoed, and the Close frame answered.",
    steps: [send([text(hello)])],
    events: { OK: [event("text", hello)] },
    close: cleanClose,
  },
  {
    title: "Two Close frames",
    checks: "The first is answered, the second ignored.",
    steps: [closeWith(close(1000), close(1000))],
    events: { OK: [] },
    close: cleanClose,
  },
  {
    title: "A ping behind the Close frame",
    checks: "No pong comes.",
    steps: [closeWith(close(1000), ping()), pause(silenceMs)],
    events: { OK: [] },
    close: cleanClose,
  },
  {
    title: "A text behind the Close frame",
    checks: "It is not echoed.",
    steps: [closeWith(close(1000), text(hello)), pause(silenceMs)],
    events: { OK: [] },
    close: cleanClose,
  },
  {
    title: "A fragment, a Close frame, the last fragment",
    checks: "The message does not come back.",
    steps: [closeWith(firstPart, close(1000), continuation("fragment2", true)), pause(silenceMs)],
    events: { OK: [] },
    close: cleanClose,
  },
  {
    title: "A text of 256 KiB, a short one, a Close frame, a ping",
    checks: "Whether messages that came before the Close frame are still echoed.",
    steps: [send([text(big), text(hello)]), closeWith(close(1000), ping())],
    events: { OK: [event("text", big), event("text", hello)], "NON-STRICT": [] },
    close: cleanClose,
    isInformational: true,
  },
];

const answered = "It is answered, and the server ends TCP.";
const refused = "The connection is failed.";

const payloads: readonly Row[] = [
  closeFrame("A Close frame without payload", answered, Buffer.alloc(0), cleanClose),
  closeFrame("A Close frame with one octet", refused, Buffer.from("a"), failure(1002)),
  closeFrame("A Close frame with a code", answered, payloadOf(1000), cleanClose),
  closeFrame(
    "A Close frame with code and reason",
    answered,
    payloadOf(1000, "Hello World!"),
    cleanClose,
  ),
  closeFrame(
    "A Close frame with a reason of 123 octets, as long as it may be",
    answered,
    payloadOf(1000, "*".repeat(123)),
    cleanClose,
  ),
  closeFrame(
    "A Close frame with a reason of 124 octets",
    refused,
    payloadOf(1000, "*".repeat(124)),
    failure(1002),
  ),
];

const reasons: readonly Row[] = [
  closeFrame(
    "A Close frame with a reason that is not UTF-8",
    refused,
    payloadOf(1000, Buffer.from("cebae1bdb9cf83cebcceb5eda080656469746564", "hex")),
    failure(1007, 1002),
  ),
];

const goodCodes = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999,
].map((code) =>
  closeFrame(
    `A Close frame with code ${code}`,
    "The code is permitted: the answer has it as well, or 1000, or none.",
    payloadOf(code),
    { ...cleanClose, codes: [...new Set([1000, code])] },
  ),
);

const badCodes = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999].map((code) =>
  closeFrame(
    `A Close frame with code ${code}`,
    "No endpoint may send this code: the connection is failed.",
    payloadOf(code),
    failure(1002),
  ),
);

const unspecified = [5000, 65_535].map(
  (code): Row => ({
    ...closeFrame(
      `A Close frame with code ${code}`,
      "The RFC does not say what these codes are: whatever comes is right.",
      payloadOf(code),
      failure(1002),
    ),
    isInformational: true,
  }),
);

const tables: readonly (readonly [number: number, section: string, rows: readonly Row[]])[] = [
  [1, "RFC 6455 §1.4, §5.5.1", afterClose],
  [3, section, payloads],
  [5, "RFC 6455 §5.5.1, §8.1", reasons],
  [7, "RFC 6455 §7.4", goodCodes],
  [9, "RFC 6455 §7.4", badCodes],
  [13, "RFC 6455 §7.4.2", unspecified],
];

export const closing: Group = {
  number: 7,
  title: "Closing",
  isPerformance: false,
  cases: tables.flatMap(([number, rule, rows]) =>
    rows.map((row, index) => simpleCase({ ...row, id: `7.${number}.${index + 1}`, section: rule })),
  ),
};
