// Group 25: much of what costs a peer little or nothing each, and what never comes to an end. Whether
// it answers or gives up depends on its limits; a server has to be there for others afterwards.

import {
  binary,
  continuation,
  type Group,
  ping,
  pong,
  type ProgramCase,
  text,
} from "../engine/case.ts";
import type { Conversation } from "../engine/conversation.ts";
import type { CaseJudgement, Judgement } from "../engine/verdict.ts";
import type { FrameSpec } from "../wire/frame.ts";
import { count } from "../wire/wire-log.ts";

const limitMs = 10_000;
/** How long a peer is given to show what it makes of a frame that does not end, in milliseconds. */
const silenceMs = 500;
const last = "the last";
/** With these, and with none, a peer may say that it is too much. */
const limitCodes = [1002, 1008, 1009, 1011, 1013];

interface Row {
  readonly title: string;
  readonly section: string;
  readonly frames: () => readonly FrameSpec[];
  /** What all that has to come to, if the peer goes along. */
  readonly fault: (conversation: Conversation) => string | undefined;
  /** Whether nothing more can be said behind it. */
  readonly isUnfinished?: boolean;
}

function repeat(times: number, frame: FrameSpec): FrameSpec[] {
  return Array.from({ length: times }, () => frame);
}

/** How many events of a type there have to be, besides the last text. */
function has(type: "ping" | "pong" | "text", least: number, most: number): Row["fault"] {
  return ({ events }) => {
    const isLast = (data: Buffer): boolean => data.equals(Buffer.from(last));
    const found = events.filter((event) => event.type === type && !isLast(event.data)).length;
    const others = events.filter((event) => event.type !== type && !isLast(event.data)).length;
    if (found >= least && found <= most && others === 0) return undefined;
    return `there are ${count(found, type)} and ${count(others, "other event")}`;
  };
}

const nothingElse = has("text", 0, 0);

const floods: readonly Row[] = [
  {
    title: "2,000 pings",
    section: "RFC 6455 §5.5.2, §5.5.3",
    frames: () => repeat(2_000, ping("flood")),
    // Only the newest of several has to be answered.
    fault: has("pong", 1, 2_000),
  },
  {
    title: "10,000 pongs that nobody asked for",
    section: "RFC 6455 §5.5.3",
    frames: () => repeat(10_000, pong("flood")),
    fault: nothingElse,
  },
  {
    title: "5,000 short texts",
    section: "RFC 6455 §5.6",
    frames: () => repeat(5_000, text("flood")),
    fault: has("text", 5_000, 5_000),
  },
  {
    title: "5,000 empty texts",
    section: "RFC 6455 §5.6",
    frames: () => repeat(5_000, text("")),
    fault: has("text", 5_000, 5_000),
  },
  {
    title: "A text in 10,000 empty fragments",
    section: "RFC 6455 §5.4, §10.4",
    frames: () => [
      text("", { fin: false }),
      ...repeat(9_998, continuation("", false)),
      continuation("", true),
    ],
    fault: has("text", 1, 1),
  },
  {
    title: "A text in 2,000 fragments with a ping behind each",
    section: "RFC 6455 §5.4, §10.4",
    frames: () => [
      text("a", { fin: false }),
      ...Array.from({ length: 1_998 }, () => [ping(), continuation("a", false)]).flat(),
      continuation("a", true),
    ],
    fault: ({ events }) =>
      events.some(({ data }) => data.length === 2_000) ? undefined : "the message is not there",
  },
];

function announced(title: string, length: bigint): Row {
  return {
    title: `A binary frame of ${title}, of which 1,000 octets come`,
    section: "RFC 6455 §5.2, §10.4",
    frames: () => [binary(Buffer.alloc(1_000, 1), { announcedLength: length })],
    fault: nothingElse,
    isUnfinished: true,
  };
}

const unfinished: readonly Row[] = [
  announced("64 MiB", 64n * 2n ** 20n),
  announced("2 GiB", 2n ** 31n),
  announced("4 GiB", 2n ** 32n),
  announced("1 TiB", 2n ** 40n),
  announced("2^53 octets", 2n ** 53n),
  announced("2^63 - 1 octets", 2n ** 63n - 1n),
];

const informational = (why: string): Judgement => ({ verdict: "INFORMATIONAL", why });
const failed = (why: string): Judgement => ({ verdict: "FAILED", why });

async function playFlood(conversation: Conversation, row: Row): Promise<CaseJudgement> {
  const { isUnfinished = false, frames, fault } = row;
  await conversation.send(frames());
  if (isUnfinished) await conversation.until(() => false, silenceMs);
  else {
    await conversation.send([text(last)]);
    const isAnswered = (): boolean => conversation.events.at(-1)?.data.toString() === last;
    await conversation.until(isAnswered, limitMs);
    await conversation.close(1000);
  }
  if (isUnfinished && conversation.startedBy === undefined) conversation.drop("it is enough");
  await conversation.until(() => conversation.isOver, limitMs);
  const end = judgeEnd(conversation);
  if (end.verdict !== "OK") return { behavior: end, behaviorClose: end };
  const why = conversation.fault?.message ?? fault(conversation);
  const behavior = why === undefined ? { ...end, why: "all was answered" } : failed(why);
  return { behavior, behaviorClose: end };
}

/** Who has ended it: a peer that gives up with one of the codes for that is within its rights. */
function judgeEnd({ startedBy, peerClose }: Conversation): Judgement {
  if (startedBy === "tester") return { verdict: "OK", why: "the peer has gone along" };
  const code = peerClose?.code;
  if (code === undefined) return informational("the peer has limits, and has ended TCP");
  if (limitCodes.includes(code)) return informational(`the peer has limits: ${code}`);
  return { verdict: "WRONG CODE", why: `${code} does not say that it was too much` };
}

function caseOf(row: Row, id: string): ProgramCase {
  return {
    kind: "program",
    id,
    title: row.title,
    checks: "The peer goes along, or ends the connection; a server goes on serving others.",
    section: row.section,
    limitMs,
    isServedAfter: true,
    expected: `all is answered, or an end (${limitCodes.join(", ")} or no code)`,
    play: (conversation) => playFlood(conversation, row),
  };
}

export const floodsAndLimits: Group = {
  number: 25,
  title: "Floods",
  isPerformance: false,
  cases: [floods, unfinished].flatMap((rows, subgroup) =>
    rows.map((row, index) => caseOf(row, `25.${subgroup + 1}.${index + 1}`)),
  ),
};
