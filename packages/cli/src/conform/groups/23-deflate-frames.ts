// Group 23: permessage-deflate on the wire: every form that compressed data may have, and what it may
// not. The octets are made by hand or without a history, and so are right whatever was agreed on.

import { constants, deflateRawSync } from "node:zlib";
import {
  binary,
  type Case,
  cleanClose,
  continuation,
  event,
  type ExpectedEvent,
  failure,
  fragments,
  type Group,
  ping,
  type RoundTripCase,
  send,
  text,
} from "../engine/case.ts";
import type { DeflateParameters } from "../wire/extensions.ts";
import { closePayload, type FrameSpec, opcodes } from "../wire/frame.ts";
import { windowOf } from "./corpus.ts";
import { type SimpleCase, simpleCase } from "./simple-case.ts";

const deflate: readonly DeflateParameters[] = [{}];
const hello = "Hello, world! Hello, world! Hello, world!";
const compressed = { rsv: 4 };

/** The DEFLATE data of a message, without its end (§7.2.1). */
function deflated(content: string | Buffer, level: number = 6): Buffer {
  const data = deflateRawSync(content, { level, finishFlush: constants.Z_SYNC_FLUSH });
  return data.subarray(0, data.length - 4);
}

/** Several blocks: each part ends with an empty stored one, as a flush makes it. */
function blocks(...parts: readonly string[]): Buffer {
  const all = parts.map((part) => Buffer.concat([deflated(part), Buffer.from("0000ffff", "hex")]));
  return Buffer.concat([...all, Buffer.of(0x00)]);
}

function hex(octets: string): Buffer {
  return Buffer.from(octets, "hex");
}

type Row = Omit<SimpleCase, "id">;

function good(
  section: string,
  title: string,
  frames: readonly FrameSpec[],
  ...events: readonly ExpectedEvent[]
): Row {
  return {
    title,
    checks: "It comes back with its content.",
    section: `RFC 7692 ${section}`,
    steps: [send(frames)],
    events: { OK: events },
    close: cleanClose,
    deflate,
  };
}

function bad(title: string, frames: readonly FrameSpec[], section: string, codes: number[]): Row {
  return {
    title,
    checks: "The connection is failed.",
    section,
    steps: [send(frames)],
    events: { OK: [] },
    close: failure(...codes),
    deflate,
  };
}

const helloBack = event("text", hello);
const helloData = deflated(hello);
const fragmented = fragments(
  opcodes.text,
  Array.from(helloData, (octet) => Buffer.of(octet)),
).map((frame, index) => (index === 0 ? { ...frame, ...compressed } : frame));
const emptyBack = event("text", "");

const goodRows: readonly Row[] = [
  good("§7.2.1", "A compressed text", [text(helloData, compressed)], helloBack),
  good("§7.2.3.3", "A text in a stored block", [text(deflated(hello, 0), compressed)], helloBack),
  good(
    "§7.2.3.5",
    "A text in three blocks and empty stored ones",
    [text(blocks("one,", "two,", "three"), compressed)],
    event("text", "one,two,three"),
  ),
  good(
    "§7.2.3.4",
    "A text in a block with BFINAL",
    [text(hex("f348cdc9c9070000"), compressed)],
    event("text", "Hello"),
  ),
  good(
    "§7.2.3.6",
    "An empty text, an empty stored block",
    [text(hex("00"), compressed)],
    emptyBack,
  ),
  good(
    "§7.2.3.6",
    "An empty text, an empty fixed block",
    [text(hex("0200"), compressed)],
    emptyBack,
  ),
  good("§6.1", "A text that is not compressed", [text(hello)], helloBack),
  good(
    "§6.1",
    "A compressed text, one that is not, a compressed one",
    [text(helloData, compressed), text(hello), text(helloData, compressed)],
    helloBack,
    helloBack,
    helloBack,
  ),
  good("§6.1", "A compressed text in fragments of one octet", fragmented, helloBack),
  good(
    "§6.1",
    "A compressed text in fragments, the first and the last empty, a ping between",
    [
      text("", { fin: false, ...compressed }),
      ping("between"),
      continuation(helloData, false),
      continuation("", true),
    ],
    event("pong", "between"),
    helloBack,
  ),
  good(
    "§7.2.1",
    "A compressed binary message of all octets",
    [binary(deflated(Buffer.from(Array.from({ length: 256 }, (_, octet) => octet))), compressed)],
    event("binary", Buffer.from(Array.from({ length: 256 }, (_, octet) => octet))),
  ),
];

const protocolError = [1002];
const badData = [1007, 1002];

const badRows: readonly Row[] = [
  bad(
    "RSV1 on a continuation of a compressed text",
    [
      text(helloData.subarray(0, 5), { fin: false, ...compressed }),
      { ...continuation(helloData.subarray(5), true), ...compressed },
    ],
    "RFC 7692 §6.1",
    protocolError,
  ),
  bad(
    "RSV1 on a continuation of a text that is not compressed",
    [text("Hello", { fin: false }), { ...continuation(" world", true), ...compressed }],
    "RFC 7692 §6.1",
    protocolError,
  ),
  bad("RSV1 on a ping", [{ ...ping("ping"), ...compressed }], "RFC 7692 §6.1", protocolError),
  bad("RSV1 on a pong", [{ opcode: opcodes.pong, ...compressed }], "RFC 7692 §6.1", protocolError),
  bad(
    "RSV1 on a Close frame",
    [{ opcode: opcodes.close, payload: closePayload(1000), ...compressed }],
    "RFC 7692 §6.1",
    protocolError,
  ),
  bad("A compressed text with RSV2", [text(helloData, { rsv: 6 })], "RFC 6455 §5.2", protocolError),
  bad("A compressed text with RSV3", [text(helloData, { rsv: 5 })], "RFC 6455 §5.2", protocolError),
  bad(
    "A block of the reserved type",
    [text(hex("06ffffff"), compressed)],
    "RFC 7692 §7.2.2, RFC 1951 §3.2.3",
    badData,
  ),
  bad(
    "A stored block with a wrong length",
    [text(hex("000500000048656c6c6f00"), compressed)],
    "RFC 7692 §7.2.2, RFC 1951 §3.2.4",
    badData,
  ),
  bad(
    "A reference to before the beginning",
    [text(hex("f20011000000"), compressed)],
    "RFC 7692 §7.2.2, RFC 1951 §3.2.5",
    badData,
  ),
  bad(
    "Octets that are no DEFLATE data",
    [binary(Buffer.alloc(64, 0xff), compressed)],
    "RFC 7692 §7.2.2",
    badData,
  ),
  bad(
    "A compressed text that is not UTF-8",
    [text(deflated(hex("cebae1bdb9cf83cebcceb5eda080")), compressed)],
    "RFC 6455 §8.1",
    [1007],
  ),
];

const parameterSets: readonly [title: string, deflate: readonly DeflateParameters[]][] = [
  ["with a history", [{}]],
  ["without a history of the peer", [{ noContextTakeover: true }]],
  ["with a window of 8 bits", [{ maxWindowBits: 8 }]],
  ["with a window of 9 bits", [{ maxWindowBits: 9 }]],
  [
    "with neither a history nor a window of more than 9 bits",
    [{ noContextTakeover: true, maxWindowBits: 9 }],
  ],
];

const roundTrips = parameterSets.map(
  ([title, parameters], index): RoundTripCase => ({
    kind: "round trips",
    id: `23.3.${index + 1}`,
    title: `Eight compressed texts of 3,000 octets, ${title}`,
    checks: "They come back, compressed as was agreed on.",
    section: "RFC 7692 §7.1",
    limitMs: 5_000,
    type: "text",
    rounds: 8,
    content: (round) => windowOf("JSON", 3_000, round),
    deflate: parameters,
  }),
);

/** Octets that a short message inflates to. */
const bombOctets = 20 * 1024 * 1024;
const bombRows: readonly (readonly [title: string, frames: () => FrameSpec[]])[] = [
  ["A message", () => [binary(deflated(Buffer.alloc(bombOctets)), compressed)]],
  [
    "A message in fragments of 1 KiB",
    () => {
      const data = deflated(Buffer.alloc(bombOctets));
      const count = Math.ceil(data.length / 1024);
      const parts = Array.from({ length: count }, (_, index) =>
        data.subarray(index * 1024, (index + 1) * 1024),
      );
      return fragments(opcodes.binary, parts).map((frame, index) =>
        index === 0 ? { ...frame, ...compressed } : frame,
      );
    },
  ],
];

const bombs = bombRows.map(
  ([title, frames], index): Case => ({
    kind: "script",
    id: `23.4.${index + 1}`,
    title: `${title} of 20 KiB that inflates to 20 MiB`,
    checks: "1009, an end, or an echo: it depends on limits. The server goes on serving others.",
    section: "RFC 7692 §8, RFC 6455 §7.4.1",
    limitMs: 10_000,
    close: failure(1009),
    isInformational: true,
    isServedAfter: true,
    deflate,
    script: () => ({
      steps: [send(frames())],
      events: { OK: [] },
    }),
    tolerated: { events: [{ type: "binary", length: bombOctets }], close: cleanClose },
  }),
);

export const deflateFrames: Group = {
  number: 23,
  title: "permessage-deflate, frames",
  isPerformance: false,
  cases: [
    ...[goodRows, badRows].flatMap((rows, subgroup) =>
      rows.map((row, index) => simpleCase({ ...row, id: `23.${subgroup + 1}.${index + 1}` })),
    ),
    ...roundTrips,
    ...bombs,
  ],
};
