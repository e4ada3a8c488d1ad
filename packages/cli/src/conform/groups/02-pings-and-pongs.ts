// Group 2: pings are answered with what they carry, in order; pongs are not answered.

import { cleanClose, event, failure, type Group, pause, ping, pong, send } from "../engine/case.ts";
import { type SimpleCase, simpleCase } from "./simple-case.ts";

const notUtf8 = Buffer.from([0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff]);
const longest = Buffer.alloc(125, 0xfe);
const tooLong = Buffer.alloc(126, 0xfe);
const ten = Array.from({ length: 10 }, (_, index) => `payload-${index}`);
/** Time in which something could come that should not, in milliseconds. */
const silenceMs = 1_000;

const answered = "A ping is answered with a pong that has its payload.";
const inOrder = "Each ping has its pong, in order.";
const unasked = "A pong that nobody asked for is not answered.";

const rows: readonly SimpleCase[] = [
  {
    id: "2.1",
    title: "A ping without payload",
    checks: answered,
    section: "RFC 6455 §5.5.2",
    steps: [send([ping()])],
    events: { OK: [event("pong")] },
    close: cleanClose,
  },
  {
    id: "2.2",
    title: "A ping with a text as payload",
    checks: answered,
    section: "RFC 6455 §5.5.2",
    steps: [send([ping("Hello, world!")])],
    events: { OK: [event("pong", "Hello, world!")] },
    close: cleanClose,
  },
  {
    id: "2.3",
    title: "A ping with a payload that is not UTF-8",
    checks: answered,
    section: "RFC 6455 §5.5.2",
    steps: [send([ping(notUtf8)])],
    events: { OK: [event("pong", notUtf8)] },
    close: cleanClose,
  },
  {
    id: "2.4",
    title: "A ping with 125 octets, as long as it may be",
    checks: answered,
    section: "RFC 6455 §5.5.2",
    steps: [send([ping(longest)])],
    events: { OK: [event("pong", longest)] },
    close: cleanClose,
  },
  {
    id: "2.5",
    title: "A ping with 126 octets",
    checks: "A control frame has 125 octets at most: the connection is failed.",
    section: "RFC 6455 §5.5",
    steps: [send([ping(tooLong)])],
    events: { OK: [] },
    close: failure(1002),
  },
  {
    id: "2.6",
    title: "A ping with 125 octets, one octet a write",
    checks: answered,
    section: "RFC 6455 §5.5.2",
    steps: [send([ping(longest)], 1)],
    events: { OK: [event("pong", longest)] },
    close: cleanClose,
  },
  {
    id: "2.7",
    title: "A pong without payload that nobody asked for",
    checks: unasked,
    section: "RFC 6455 §5.5.3",
    steps: [send([pong()]), pause(silenceMs)],
    events: { OK: [] },
    close: cleanClose,
  },
  {
    id: "2.8",
    title: "A pong with payload that nobody asked for",
    checks: unasked,
    section: "RFC 6455 §5.5.3",
    steps: [send([pong("unsolicited pong payload")]), pause(silenceMs)],
    events: { OK: [] },
    close: cleanClose,
  },
  {
    id: "2.9",
    title: "A pong that nobody asked for, then a ping",
    checks: "Only the ping is answered.",
    section: "RFC 6455 §5.5.3",
    steps: [send([pong("unsolicited pong payload"), ping("ping payload")])],
    events: { OK: [event("pong", "ping payload")] },
    close: cleanClose,
  },
  {
    id: "2.10",
    title: "Ten pings at once",
    checks: inOrder,
    section: "RFC 6455 §5.5.2, §5.5.3",
    steps: [send(ten.map((payload) => ping(payload)))],
    events: { OK: ten.map((payload) => event("pong", payload)) },
    close: cleanClose,
  },
  {
    id: "2.11",
    title: "Ten pings, one octet a write",
    checks: inOrder,
    section: "RFC 6455 §5.5.2, §5.5.3",
    steps: [
      send(
        ten.map((payload) => ping(payload)),
        1,
      ),
    ],
    events: { OK: ten.map((payload) => event("pong", payload)) },
    close: cleanClose,
  },
];

export const pingsAndPongs: Group = {
  number: 2,
  title: "Pings and pongs",
  isPerformance: false,
  cases: rows.map(simpleCase),
};
