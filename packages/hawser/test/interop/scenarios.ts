// The scenarios of the contract. Whatever can go either way is in here twice: the peer begins, and we
// begin. A scenario needs an ability only where some API really has no way to do it.

import {
  type Ability,
  type Ended,
  maxMessageBytes,
  type Payload,
  refusedPath,
  type Scenario,
  spokenProtocol,
  type Step,
} from "./contract.ts";
import { binary, close, receive, send, text } from "./script.ts";

/** Every code that may travel, RFC 6455 §7.4 and the IANA registry; the ends of the open ranges. */
export const closeCodes: readonly number[] = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
];

/** The codes that the WebSocket API of the browsers lets a page send. */
export function isForPages(code: number): boolean {
  return code === 1000 || code >= 3000;
}

const allBytes = Uint8Array.from({ length: 256 }, (_, index) => index);
/** A prime number of bytes: whatever is shifted, repeated or left out, shows. */
const primeBytes = allBytes.subarray(0, 251);
/** One, two, three and four bytes a character; 16 in all, so that they fill 1 MiB exactly. */
const mixed = "aé€🦜bü€";

const messages: readonly [name: string, message: Payload, needs?: readonly Ability[]][] = [
  ["text in ASCII", text("Hello")],
  ["text of two, three and four bytes a character", text("grüße, 你好, 🦜👩‍👩‍👧")],
  ["text with U+0000 in it", text("\0a\0")],
  ["text with a BOM inside", text("a\u{feff}b")],
  ["text with a BOM at its beginning", text("\u{feff}a"), ["leading BOM"]],
  ["text with the last code point, U+10FFFF", text("\u{10ffff}\u{ffff}")],
  ["empty text", text("")],
  ["text of 125 bytes, the longest with a short header", text("x", 125)],
  ["text of 126 bytes, the shortest with 16 bits of length", text("x", 126)],
  ["text of 1 MiB", text(mixed, maxMessageBytes)],
  ["binary of every byte", binary(allBytes)],
  ["empty binary", binary(new Uint8Array())],
  ["binary of 65,535 bytes, the longest with 16 bits of length", binary(primeBytes, 65_535)],
  ["binary of 65,536 bytes, the shortest with 64 bits of length", binary(primeBytes, 65_536)],
  ["binary of 1 MiB", binary(primeBytes, maxMessageBytes)],
];

/** Each message goes there and back. */
const talks: Scenario[] = messages.flatMap(([name, message, needs = []]) => [
  {
    name: `§5.6 the peer sends ${name}, and gets it back`,
    needs,
    theirs: [send(message), receive, close],
    ours: [receive, send(message)],
  },
  {
    name: `§5.6 we send ${name}, and get it back`,
    needs,
    theirs: [receive, send(message)],
    ours: [send(message), receive, close],
  },
]);

const manyAtOnce = Array.from({ length: 100 }, (_, index) => send(text(`message ${index}`)));
const takeAll = manyAtOnce.map(() => receive);

const orders: Scenario[] = [
  {
    name: "§5.4 the peer sends a hundred messages at once, which stay in order",
    needs: [],
    theirs: [...manyAtOnce, receive, close],
    ours: [...takeAll, send(text("all of them"))],
  },
  {
    name: "§5.4 we send a hundred messages at once, which stay in order",
    needs: [],
    theirs: [...takeAll, send(text("all of them"))],
    ours: [...manyAtOnce, receive, close],
  },
];

const mebibyteParts = Array.from({ length: 16 }, () => binary(primeBytes, maxMessageBytes / 16));
const fragmented: readonly [name: string, parts: readonly Payload[]][] = [
  ["text in three fragments", [text("Hel"), text("lo, "), text("🦜")]],
  ["binary in two fragments", [binary(allBytes), binary(primeBytes)]],
  ["text with empty fragments", [text(""), text("a"), text(""), text("")]],
  ["empty binary in fragments", [binary(new Uint8Array()), binary(new Uint8Array())]],
  ["binary of 1 MiB in 16 fragments", mebibyteParts],
];

/** "é" over two fragments, which our own API has no way to send. */
const split: readonly Payload[] = [
  { kind: "text", hex: "c3", bytes: 1 },
  { kind: "text", hex: "a9", bytes: 1 },
];

const fragments: Scenario[] = [
  ...fragmented.flatMap(([name, parts]): Scenario[] => [
    {
      name: `§5.4 the peer sends ${name}`,
      needs: ["fragments"],
      theirs: [{ do: "fragments", parts }, receive, close],
      ours: [receive, send(text("whole"))],
    },
    {
      name: `§5.4 we send ${name}`,
      needs: [],
      theirs: [receive, send(text("whole"))],
      ours: [{ do: "fragments", parts }, receive, close],
    },
  ]),
  {
    name: "§5.4 the peer sends text whose fragments part within a character",
    needs: ["fragments", "split characters"],
    theirs: [{ do: "fragments", parts: split }, receive, close],
    ours: [receive, send(text("whole"))],
  },
  {
    name: "§5.4 the peer sends a ping between two fragments",
    needs: ["fragments", "ping"],
    theirs: [{ do: "fragments", parts: [text("be"), text("tween")], ping: "now?" }, receive, close],
    ours: [receive, send(text("whole"))],
  },
  {
    name: "§5.4 we send a ping between two fragments",
    needs: [],
    theirs: [receive, send(text("whole"))],
    ours: [{ do: "fragments", parts: [text("be"), text("tween")], ping: "now?" }, receive, close],
  },
];

const pings: Scenario[] = ["x", "", "🦜", "p".repeat(125)].flatMap((payload) => {
  const name = `a ping with ${Buffer.byteLength(payload)} bytes, and gets its pong`;
  return [
    {
      name: `§5.5.2 the peer sends ${name}`,
      needs: ["ping"],
      theirs: [{ do: "ping", payload }, close],
      ours: [],
    },
    {
      name: `§5.5.2 we send ${name}`,
      needs: [],
      theirs: [],
      ours: [{ do: "ping", payload }, close],
    },
  ] satisfies Scenario[];
});

const reasons: readonly [name: string, code: number, reason: string][] = [
  ["a reason of two and four bytes a character", 1000, "grüße 🦜"],
  ["a reason of 123 bytes, the longest", 4000, "r".repeat(123)],
  ["a reason of 123 bytes of UTF-8", 3000, `${"é".repeat(61)}.`],
];

function closing(name: string, step: Step & { do: "close" }): Scenario[] {
  const { code } = step;
  const sends: Ability[] =
    code === undefined ? ["close without a code"] : isForPages(code) ? [] : [`close with ${code}`];
  const takes: Ability[] = code === undefined || isForPages(code) ? [] : [`take ${code}`];
  return [
    { name: `§7.4 the peer closes ${name}`, needs: [...sends, ...takes], theirs: [step], ours: [] },
    { name: `§7.4 we close ${name}`, needs: takes, theirs: [], ours: [step] },
  ];
}

const closes: Scenario[] = [
  ...closing("without a code", { do: "close" }),
  ...closeCodes.flatMap((code) => [
    ...closing(`with ${code}`, { do: "close", code }),
    ...closing(`with ${code} and a reason`, { do: "close", code, reason: "done here" }),
  ]),
  ...reasons.flatMap(([name, code, reason]) =>
    closing(`with ${code} and ${name}`, { do: "close", code, reason }),
  ),
];

/** What the end that fails the connection sees: no Close frame, since it reads no more (§7.1.7). */
const failed: Ended = { code: 1006, reason: "", wasClean: false };

const limits: Scenario[] = [
  {
    name: "§10.4 the peer sends one byte more than 1 MiB, which is one too many: 1009",
    needs: [],
    theirs: [send(binary(primeBytes, maxMessageBytes + 1))],
    ours: [],
    fails: { theirs: { code: 1009, wasClean: true }, ours: failed },
  },
];

const handshakes: Scenario[] = [
  {
    name: "§4.2.2 the subprotocol that both speak is agreed on",
    needs: [],
    theirs: [close],
    ours: [],
    offers: ["chat.v9", spokenProtocol],
    protocol: spokenProtocol,
  },
  {
    name: "§4.2.2 a client that offers no subprotocol gets none",
    needs: [],
    theirs: [close],
    ours: [],
    protocol: "",
  },
  {
    name: "§4.2.2 a refusal is no connection",
    needs: [],
    theirs: [],
    ours: [],
    path: refusedPath,
    refused: { refused: true },
  },
  {
    name: "§4.2.2 a refusal shows its status, 401",
    needs: ["status"],
    theirs: [],
    ours: [],
    path: refusedPath,
    refused: { refused: true, status: 401 },
  },
];

export const scenarios: readonly Scenario[] = [
  ...handshakes,
  ...talks,
  ...orders,
  ...fragments,
  ...pings,
  ...closes,
  ...limits,
];
