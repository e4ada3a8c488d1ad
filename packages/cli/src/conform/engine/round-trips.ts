// Messages there and back again, one at a time: each echo has to be what was sent.

import { opcodes } from "../wire/frame.ts";
import { cleanClose, type RoundTripCase } from "./case.ts";
import type { Conversation, SeenEvent } from "./conversation.ts";
import { describeClose, judgeClose } from "./judge.ts";
import { endOf, type Figures, type Played } from "./played.ts";
import type { Judgement } from "./verdict.ts";

/** The peer's time for one round, in milliseconds. */
const roundLimitMs = 10_000;

export async function playRoundTrips(
  testCase: RoundTripCase,
  conversation: Conversation,
): Promise<Played> {
  const { rounds, limitMs } = testCase;
  const expected = `${rounds} messages, each as it was sent; ${describeClose(cleanClose)}`;
  const begin = performance.now();
  const { fault, contentOctets, messages } = await goRounds(testCase, conversation, begin);
  const ms = performance.now() - begin;
  if (fault === undefined) await conversation.close(1000);
  else conversation.drop(fault);
  await endOf(conversation, limitMs);
  const surplus = conversation.events.some(isMessage) ? "more messages came than were sent" : "";
  const why = conversation.fault?.message ?? fault ?? surplus;
  const { octetsIn: wireOctetsIn, octetsOut: wireOctetsOut } = conversation;
  const figures: Figures = { messages, contentOctets, wireOctetsOut, wireOctetsIn, ms };
  return {
    behavior: why === "" ? { verdict: "OK", why: "every message came back" } : failed(why),
    behaviorClose: judgeClose(conversation, cleanClose),
    expected,
    figures,
  };
}

interface Rounds {
  /** What was wrong. */
  readonly fault: string | undefined;
  readonly messages: number;
  readonly contentOctets: number;
}

async function goRounds(
  testCase: RoundTripCase,
  conversation: Conversation,
  begin: number,
): Promise<Rounds> {
  const { rounds, type, limitMs, content } = testCase;
  let contentOctets = 0;
  for (let round = 0; round < rounds; round++) {
    const sent = content(round);
    const fail = (why: string): Rounds => ({
      fault: `message ${round + 1} of ${rounds}: ${why}`,
      messages: round,
      contentOctets,
    });
    await sendMessage(conversation, testCase, sent);
    // Pings of the peer, which a long test may see, are none of its messages.
    const isBack = (): boolean => conversation.events.some(isMessage);
    if (!(await conversation.until(isBack, roundLimitMs))) {
      return fail(conversation.isOver ? "the connection has ended" : "no echo in its time");
    }
    const echo = conversation.events.find(isMessage) as SeenEvent;
    conversation.events.splice(0, conversation.events.indexOf(echo) + 1);
    if (echo.type !== type) return fail(`it came back as ${echo.type}`);
    if (!echo.data.equals(sent)) return fail("it came back with another content");
    contentOctets += sent.length;
    if (performance.now() - begin > limitMs) return fail(`${limitMs} ms are over`);
  }
  return { fault: undefined, messages: rounds, contentOctets };
}

function isMessage({ type }: SeenEvent): boolean {
  return type === "text" || type === "binary";
}

function failed(why: string): Judgement {
  return { verdict: "FAILED", why };
}

/** Sends a message, deflated where that was agreed on, in fragments where these are asked for. */
async function sendMessage(
  conversation: Conversation,
  { type, fragmentBytes }: RoundTripCase,
  content: Buffer,
): Promise<void> {
  const { deflate } = conversation;
  const data = deflate === undefined ? content : deflate.deflate(content);
  const size = fragmentBytes ?? Math.max(data.length, 1);
  const frames = Array.from({ length: Math.max(1, Math.ceil(data.length / size)) }, (_, index) => ({
    opcode: index === 0 ? opcodes[type] : opcodes.continuation,
    rsv: index === 0 && deflate !== undefined ? 4 : 0,
    fin: (index + 1) * size >= data.length,
    payload: data.subarray(index * size, (index + 1) * size),
  }));
  await conversation.send(frames);
}
