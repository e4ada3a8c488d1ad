// The scenarios of compressed connections. Both ends send the same messages, so what either had on the
// wire is held against what its way to compress makes of them: that it was used, that the window is no
// larger than agreed on, that the one of before is gone on with, or not. What a peer can't inflate, or
// we can't, fails the connection.

import { createHash } from "node:crypto";
import type { Sender } from "./compression.ts";
import { type Ability, bytesOf, type Payload, type Scenario, type Step } from "./contract.ts";
import { binary, close, receive, send, text } from "./script.ts";

/** How many bytes all frames of one end have on the wire. */
export interface WireBytes {
  readonly atLeast: number;
  readonly atMost: number;
}

export interface CompressedScenario extends Scenario {
  /** Of an end that sends like this. */
  wire(sender: Sender): WireBytes;
}

/** A frame's header, and what DEFLATE adds to what can't be compressed, for each message. */
const perMessageBytes = 40;
/** The Close frame. */
const closeBytes = 8;
/** zlib looks that far ahead, in the window. */
const lookAheadBytes = 262;

/** Bytes that nothing makes smaller. */
function noise(bytes: number, seed: string): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes; at += 32) {
    blocks.push(createHash("sha256").update(`${seed} ${at}`).digest());
  }
  return Buffer.concat(blocks).subarray(0, bytes);
}

/** JSON as services send it, of characters of one to four bytes, which shrinks to less than half. */
function records(bytes: number, from = 0): string {
  let all = "";
  for (let id = from; all.length < bytes; id++) {
    const price = (id * 7919) % 1000;
    all += `{"id":${id},"name":"Bücher €${price} 🦜","isOpen":${id % 3 === 0},"tags":["a","b"]},`;
  }
  return all;
}

function contentBytes(messages: readonly Payload[]): number {
  return messages.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** What must be on the wire when the messages become no smaller than that share of them. */
function wireFor(
  messages: readonly Payload[],
  share: number,
  { minBytes, isExact }: Sender,
): WireBytes {
  const overhead = messages.length * perMessageBytes + closeBytes;
  const plain = contentBytes(messages.filter(({ bytes }) => bytes < minBytes));
  const deflated = contentBytes(messages) - plain;
  const isPlain = isExact || minBytes === Infinity;
  return { atLeast: isPlain ? plain : 0, atMost: plain + deflated * share + overhead };
}

interface Talk {
  readonly name: string;
  readonly messages: readonly Payload[];
  readonly needs?: readonly Ability[];
  /** One at a time: each is answered before the next. */
  readonly inTurn?: boolean;
  wire(sender: Sender): WireBytes;
}

/** Either end begins. */
function talk({ name, messages, needs = [], inTurn = false, wire }: Talk): CompressedScenario[] {
  const sends = messages.map((message) => send(message));
  const first = inTurn
    ? sends.flatMap((step) => [step, receive])
    : [...sends, ...sends.map(() => receive)];
  const second = inTurn
    ? sends.flatMap((step) => [receive, step])
    : [...sends.map(() => receive), ...sends];
  return [
    { name: `the peer sends ${name}`, needs, theirs: [...first, close], ours: second, wire },
    { name: `we send ${name}`, needs, theirs: second, ours: [...first, close], wire },
  ];
}

const sizes = [0, 1, 100, 1_023, 1_024, 5_000, 70_000, 300_000];
/** Cut where no character is. */
const textOf = (bytes: number): Payload => {
  const whole = Buffer.from(records(bytes));
  const cut = new TextDecoder().decode(whole.subarray(0, bytes), { stream: true });
  return text(`${cut}${"-".repeat(bytes - Buffer.byteLength(cut))}`);
};
const bytesOfText = (bytes: number): Payload => binary(bytesOf(textOf(bytes)));

const eachSize = sizes.flatMap((bytes) => [
  ...talk({
    name: `text of ${bytes} bytes`,
    messages: [textOf(bytes)],
    wire: (sender) => wireFor([textOf(bytes)], 0.6, sender),
  }),
  ...talk({
    name: `binary of ${bytes} bytes`,
    messages: [bytesOfText(bytes)],
    wire: (sender) => wireFor([bytesOfText(bytes)], 0.6, sender),
  }),
]);

/** Nothing is gained, and next to nothing lost. */
const incompressible = [1_024, 5_000, 70_000, 300_000].flatMap((bytes) => {
  const message = binary(noise(bytes, "incompressible"));
  const wire = (): WireBytes => ({ atLeast: bytes, atMost: bytes * 1.01 + 60 });
  return talk({ name: `${bytes} bytes that can't be compressed`, messages: [message], wire });
});

/** Noise over and over: it shrinks when the window holds it once and zlib's look-ahead, or not at all. */
const windows = [200, 3_000, 20_000].flatMap((period) => {
  const message = binary(noise(period, "window"), 70_000);
  return talk({
    name: `70,000 bytes of which each is the same as that ${period} before`,
    messages: [message],
    wire: ({ minBytes, windowBits }) =>
      minBytes < Infinity && period <= 2 ** windowBits - lookAheadBytes
        ? { atLeast: period, atMost: 35_000 }
        : { atLeast: 69_000, atMost: 70_500 },
  });
});

/** The same noise again and again: who goes on with the window sends it once, who doesn't each time. */
const takeovers = [200, 3_000].flatMap((bytes) => {
  const messages = Array.from({ length: 8 }, () => binary(noise(bytes, "takeover")));
  const all = contentBytes(messages);
  const wire = ({ minBytes, isExact, takeover, windowBits }: Sender): WireBytes => {
    const isKept = takeover && bytes <= 2 ** windowBits - lookAheadBytes;
    if (minBytes === Infinity || !isKept) return { atLeast: all, atMost: all + 8 * 60 };
    if (bytes >= minBytes) return { atLeast: bytes, atMost: bytes + 8 * 60 };
    return { atLeast: isExact ? all : bytes, atMost: all + 8 * 60 };
  };
  return [
    ...talk({ name: `the same ${bytes} bytes 8 times at once`, messages, wire }),
    ...talk({ name: `the same ${bytes} bytes 8 times in turn`, messages, wire, inTurn: true }),
  ];
});

const similar = Array.from({ length: 20 }, (_, index) => text(records(1_100, index * 100)));
/** From a byte to 300 KB, in no order: what takes longer to compress must not be overtaken. */
const mixture = Array.from({ length: 20 }, (_, index) => {
  const bytes = [5_000, 1, 70_000, 0, 1_500, 100, 1_024, 300_000, 0, 2_000][index % 10] as number;
  if (index % 3 === 0) return binary(noise(bytes, `${index}`));
  return index % 3 === 1 ? textOf(bytes) : bytesOfText(bytes);
});
const many: CompressedScenario[] = [
  ...talk({
    name: "20 texts that resemble each other, at once",
    messages: similar,
    wire: (sender) => wireFor(similar, 0.6, sender),
  }),
  ...talk({
    name: "20 texts that resemble each other, in turn",
    messages: similar,
    inTurn: true,
    wire: (sender) => wireFor(similar, 0.6, sender),
  }),
  ...talk({
    name: "20 messages of all sizes at once, which stay in order",
    messages: mixture,
    wire: (sender) => wireFor(mixture, 0.75, sender),
  }),
];

const secret = textOf(5_000);
const secrets: readonly Step[] = [
  send(secret),
  { do: "send", message: secret, plain: true },
  send(secret),
];
const answers: readonly Step[] = secrets.map(() => receive);
/** One of three is left as it is; who sends nothing but the word that it is done shows as well. */
const plainWire = (sender: Sender): WireBytes => {
  const { atLeast, atMost } = wireFor([secret, secret], 0.6, sender);
  return { atLeast: atLeast + secret.bytes, atMost: atMost + secret.bytes + perMessageBytes };
};
const noWire = (): WireBytes => ({ atLeast: 0, atMost: Infinity });

const plain: CompressedScenario[] = [
  {
    name: "the peer leaves one of three messages uncompressed",
    needs: ["plain"],
    theirs: [...secrets, receive, close],
    ours: [...answers, send(text("done"))],
    wire: noWire,
  },
  {
    name: "we leave one of three messages uncompressed",
    needs: [],
    theirs: [...answers, ...secrets.map(() => send(secret))],
    ours: [...secrets, receive, receive, receive, close],
    wire: (sender) => (sender.isExact ? plainWire(sender) : noWire()),
  },
];

const parts = Array.from({ length: 7 }, (_, index) => text(records(10_000, index * 1_000)));
const partsWire = (sender: Sender): WireBytes =>
  sender.isExact ? noWire() : wireFor(parts, 0.6, sender);
const fragments: CompressedScenario[] = [
  {
    name: "the peer sends 70 KB of text in 7 fragments, compressed as one message",
    needs: ["fragments"],
    theirs: [{ do: "fragments", parts }, receive, close],
    ours: [receive, send(text("whole"))],
    wire: partsWire,
  },
  {
    name: "the peer sends 70 KB of text in 7 fragments, with a ping between them",
    needs: ["fragments", "ping"],
    theirs: [{ do: "fragments", parts, ping: "now?" }, receive, close],
    ours: [receive, send(text("whole"))],
    wire: partsWire,
  },
  {
    name: "the peer sends 70 KB of text and then empty fragments",
    needs: ["fragments"],
    theirs: [{ do: "fragments", parts: [...parts, text(""), text("")] }, receive, close],
    ours: [receive, send(text("whole"))],
    wire: partsWire,
  },
  {
    name: "we send fragments, which stay uncompressed, between messages that don't",
    needs: [],
    theirs: [receive, receive, receive, send(textOf(5_000))],
    ours: [send(textOf(5_000)), { do: "fragments", parts }, send(textOf(5_000)), receive, close],
    wire: noWire,
  },
];

export const compressedScenarios: readonly CompressedScenario[] = [
  ...eachSize,
  ...incompressible,
  ...windows,
  ...takeovers,
  ...many,
  ...plain,
  ...fragments,
];
