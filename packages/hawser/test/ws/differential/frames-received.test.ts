// Every kind of frame that a peer may send, to both roles: events, errors, close codes, and the bytes that
// answer. Generated from tables.

import { closeFrame, type FrameOptions, frame } from "../../support/frame.ts";
import { differential, type Script, script } from "./runner.ts";
import { type Role, roles } from "./stage.ts";
import type { Loose } from "./subjects.ts";

interface Sent {
  readonly opcode: number;
  readonly payload?: string | Uint8Array;
  readonly options?: FrameOptions;
}

type Row = readonly [title: string, frames: readonly Sent[], options?: Loose];

function f(opcode: number, payload: string | Uint8Array = "", options: FrameOptions = {}): Sent {
  return { opcode, payload, options };
}

const bytes = (text: string): Buffer => Buffer.from(text, "hex");

const opcodeRows: Row[] = Array.from({ length: 16 }, (_, opcode) => [
  `opcode ${opcode}`,
  [f(opcode)],
]);

const reservedRows: Row[] = [0, 1, 2, 8, 9, 10].flatMap((opcode) =>
  [1, 2, 3, 4, 5, 6, 7].map(
    (rsv): Row => [`opcode ${opcode}, RSV ${rsv}`, [f(opcode, "", { rsv })]],
  ),
);

const sizeRows: Row[] = [0, 1, 124, 125, 126, 127, 65_535, 65_536, 100_000].flatMap((size) =>
  [1, 2].map(
    (opcode): Row => [`${size} bytes, opcode ${opcode}`, [f(opcode, Buffer.alloc(size, "a"))]],
  ),
);

const controlRows: Row[] = [8, 9, 10].flatMap((opcode): Row[] => [
  [
    `opcode ${opcode} of 125 bytes`,
    [f(opcode, opcode === 8 ? bytes(`03e8${"61".repeat(123)}`) : "a".repeat(125))],
  ],
  [`opcode ${opcode} of 126 bytes`, [f(opcode, "a".repeat(126))]],
  [`opcode ${opcode} of 65536 bytes`, [f(opcode, "a".repeat(65_536))]],
  [`opcode ${opcode} without FIN`, [f(opcode, "", { fin: false })]],
  [`opcode ${opcode} of 1 byte`, [f(opcode, "a")]],
  [
    `opcode ${opcode} between fragments`,
    [f(1, "a", { fin: false }), f(opcode, bytes("03e8")), f(0, "b")],
  ],
]);

const lengthRows: Row[] = [
  ["a length in 16 bits that fits in 7", [f(1, "abc", { lengthBits: 16 })]],
  ["a length in 64 bits that fits in 7", [f(1, "abc", { lengthBits: 64 })]],
  ["a length in 64 bits that fits in 16", [f(1, "a".repeat(300), { lengthBits: 64 })]],
  ["a length of 2^31", [f(2, "", { declared: 2n ** 31n })]],
  ["a length of 2^53 - 1", [f(2, "", { declared: 2n ** 53n - 1n })]],
  ["a length of 2^53", [f(2, "", { declared: 2n ** 53n })]],
  ["a length of 2^53 without a limit", [f(2, "", { declared: 2n ** 53n })], { maxPayload: 0 }],
  ["a length of 2^63", [f(2, "", { declared: 2n ** 63n })]],
  ["a length of 2^64 - 1", [f(2, "", { declared: 2n ** 64n - 1n })]],
];

const fragmentRows: Row[] = [
  ["two fragments", [f(1, "ab", { fin: false }), f(0, "cd")]],
  [
    "three fragments of binary",
    [f(2, "ab", { fin: false }), f(0, "cd", { fin: false }), f(0, "ef")],
  ],
  ["empty fragments", [f(1, "", { fin: false }), f(0, "", { fin: false }), f(0, "")]],
  ["one empty, one not", [f(1, "", { fin: false }), f(0, "x")]],
  ["a continuation without a start", [f(0, "x")]],
  ["a continuation without a start, not final", [f(0, "x", { fin: false })]],
  ["a continuation after a whole message", [f(1, "x"), f(0, "y")]],
  ["a text inside a message", [f(1, "x", { fin: false }), f(1, "y")]],
  ["a binary inside a text", [f(1, "x", { fin: false }), f(2, "y")]],
  ["a ping inside a message", [f(1, "x", { fin: false }), f(9, "p"), f(0, "y")]],
  ["RSV1 on a continuation", [f(1, "x", { fin: false }), f(0, "y", { rsv: 4 })]],
  ["a Close frame inside a message", [f(1, "x", { fin: false }), f(8, bytes("03e8"))]],
  [
    "two messages in fragments",
    [f(1, "a", { fin: false }), f(0, "b"), f(2, "c", { fin: false }), f(0, "d")],
  ],
];

const textRows: Row[] = [
  ["valid UTF-8", [f(1, "κόσμε 😀")]],
  ["an overlong form", [f(1, bytes("c0af"))]],
  ["a surrogate", [f(1, bytes("eda080"))]],
  ["beyond U+10FFFF", [f(1, bytes("f4908080"))]],
  ["a lone continuation byte", [f(1, bytes("80"))]],
  ["cut off at the end", [f(1, bytes("ce"))]],
  ["0xFF", [f(1, bytes("61ff62"))]],
  ["invalid in the second fragment", [f(1, "abc", { fin: false }), f(0, bytes("ff"))]],
  ["a code point over two fragments", [f(1, bytes("ce"), { fin: false }), f(0, bytes("ba"))]],
  ["invalid in the first fragment of two", [f(1, bytes("ff"), { fin: false }), f(0, "x")]],
  ["cut off in the last fragment", [f(1, "a", { fin: false }), f(0, bytes("ce"))]],
  ["invalid, not validated", [f(1, bytes("ff"))], { skipUTF8Validation: true }],
  ["invalid in binary", [f(2, bytes("ff"))]],
  ["a byte order mark", [f(1, bytes("efbbbf61"))]],
  ["NUL", [f(1, bytes("00"))]],
];

const codes = [
  0, 1, 999, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1011, 1014, 1015, 1016, 1100,
  2000, 2999, 3000, 3999, 4000, 4999, 5000, 65_535,
];

function codeBytes(code: number, rest = ""): Buffer {
  return Buffer.concat([bytes(code.toString(16).padStart(4, "0")), Buffer.from(rest)]);
}

const closeRows: Row[] = [
  ["Close without a code", [f(8)]],
  ...codes.map((code): Row => [`Close ${code}`, [f(8, codeBytes(code))]]),
  ["Close with a reason", [f(8, codeBytes(1000, "some reason"))]],
  ["Close with a reason beyond ASCII", [f(8, codeBytes(4001, "größer"))]],
  ["Close with a reason that is no UTF-8", [f(8, bytes("03e8ff"))]],
  [
    "Close with a reason that is no UTF-8, not validated",
    [f(8, bytes("03e8ff"))],
    { skipUTF8Validation: true },
  ],
  ["Close twice", [f(8, codeBytes(1000)), f(8, codeBytes(1001))]],
  ["a message behind Close", [f(8, codeBytes(1000)), f(1, "late")]],
  ["a ping behind Close", [f(8, codeBytes(1000)), f(9, "late")]],
  ["a fault behind Close", [f(8, codeBytes(1000)), f(3)]],
];

const limitRows: Row[] = [
  ["as large as maxPayload", [f(1, "a".repeat(20))], { maxPayload: 20 }],
  ["larger than maxPayload", [f(1, "a".repeat(21))], { maxPayload: 20 }],
  ["declared larger than maxPayload", [f(1, "", { declared: 21 })], { maxPayload: 20 }],
  ["16-bit length larger than maxPayload", [f(1, "a".repeat(200))], { maxPayload: 20 }],
  ["64-bit length larger than maxPayload", [f(1, "a".repeat(70_000))], { maxPayload: 20 }],
  [
    "fragments larger than maxPayload together",
    [f(1, "a".repeat(12), { fin: false }), f(0, "a".repeat(12))],
    { maxPayload: 20 },
  ],
  [
    "a control frame larger than maxPayload",
    [f(9, "a".repeat(30)), f(1, "ok")],
    { maxPayload: 20 },
  ],
  ["an empty message with maxPayload 1", [f(1, "")], { maxPayload: 1 }],
  ["maxPayload 0 is no limit", [f(1, "a".repeat(200))], { maxPayload: 0 }],
  [
    "a control frame between fragments does not count",
    [f(1, "a".repeat(12), { fin: false }), f(9, "p".repeat(12)), f(0, "a".repeat(8))],
    { maxPayload: 20 },
  ],
];

const mixedRows: Row[] = [
  ["many messages at once", Array.from({ length: 20 }, (_, i) => f((i % 2) + 1, `m${i}`))],
  ["messages, then a fault", [f(1, "a"), f(2, "b"), f(3), f(1, "c")]],
  ["pings and pongs", [f(9, "1"), f(10, "2"), f(9, ""), f(10, "")]],
  ["two faults", [f(3), f(4)]],
];

const tables = {
  opcode: opcodeRows,
  reserved: reservedRows,
  size: sizeRows,
  control: controlRows,
  length: lengthRows,
  fragments: fragmentRows,
  text: textRows,
  close: closeRows,
  limit: limitRows,
  mixed: mixedRows,
};

/** Sends the frames in one write, then a Close frame, and waits for the end. */
function receives(table: string, role: Role, [title, frames, options = {}]: Row): Script {
  return script(`${table}, as ${role}: ${title}`, async ({ stage, log }) => {
    const masked = role === "server";
    const all = frames.map((sent) => frame(sent.opcode, sent.payload, { masked, ...sent.options }));
    const { peer } = await stage.scene(role, options, {
      onFrame: (received) => received.opcode === 8 && peer.socket.end(),
    });
    peer.write(Buffer.concat([...all, closeFrame(1001, "done", { masked })]));
    await log.until("ws", "close");
    await log.until("wire", "end");
  });
}

/** A frame that is masked though it must not be, or the other way round. */
function wrongMask(role: Role, opcode: number): Script {
  return script(`mask, as ${role}: opcode ${opcode} masked wrongly`, async ({ stage, log }) => {
    const { peer } = await stage.scene(role, {}, { onFrame: () => peer.socket.end() });
    peer.write(frame(opcode, "x", { masked: role === "client" }));
    await log.until("ws", "close");
    await log.until("wire", "end");
  });
}

differential("frames received", [
  ...Object.entries(tables).flatMap(([table, rows]) =>
    rows.flatMap((row) => roles.map((role) => receives(table, role, row))),
  ),
  ...roles.flatMap((role) => [0, 1, 2, 8, 9, 10].map((opcode) => wrongMask(role, opcode))),
]);
