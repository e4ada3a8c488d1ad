// Group 3: a reserved bit that nothing was agreed on for fails the connection. What was said before it
// should still be heard, which is more than the RFC demands.

import { binary, event, failure, type Group, ping, send, text } from "../engine/case.ts";
import { closePayload, opcodes } from "../wire/frame.ts";
import { type SimpleCase, simpleCase } from "./simple-case.ts";

const checks = "Reserved bits have to be 0: the connection is failed.";
const checksAfter = `${checks} The good message before is echoed, the ping behind is not answered.`;
const section = "RFC 6455 §5.2";
const hello = "Hello, world!";
const close = failure(1002);
const afterEcho = { OK: [event("text", hello)], "NON-STRICT": [] };

function goodThenReserved(rsv: number) {
  return [text(hello), text(hello, { rsv }), ping()];
}

const rows: readonly SimpleCase[] = [
  {
    id: "3.1",
    title: "A text with RSV 1",
    checks,
    section,
    steps: [send([text(hello, { rsv: 1 })])],
    events: { OK: [] },
    close,
  },
  {
    id: "3.2",
    title: "A text, a text with RSV 2, a ping",
    checks: checksAfter,
    section,
    steps: [send(goodThenReserved(2))],
    events: afterEcho,
    close,
  },
  {
    id: "3.3",
    title: "A text, a text with RSV 3, a ping, frame by frame",
    checks: checksAfter,
    section,
    steps: [send(goodThenReserved(3), "frame by frame")],
    events: afterEcho,
    close,
  },
  {
    id: "3.4",
    title: "A text, a text with RSV 4, a ping, one octet a write",
    checks: checksAfter,
    section,
    steps: [send(goodThenReserved(4), 1)],
    events: afterEcho,
    close,
  },
  ...[5, 6].map((rsv) => ({
    id: `3.${rsv}`,
    title: `A binary message with RSV ${rsv}`,
    checks,
    section,
    steps: [send([binary(Buffer.from([0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff]), { rsv })])],
    events: { OK: [] },
    close,
  })),
  {
    id: "3.7",
    title: "A Close frame with RSV 7",
    checks,
    section,
    steps: [send([{ opcode: opcodes.close, rsv: 7, payload: closePayload(1000) }])],
    events: { OK: [] },
    close,
  },
];

export const reservedBits: Group = {
  number: 3,
  title: "Reserved bits",
  isPerformance: false,
  cases: rows.map(simpleCase),
};
