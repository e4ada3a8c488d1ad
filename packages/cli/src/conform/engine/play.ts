// How a case is played on a conversation, and what comes out: the same for both roles.

import type { Random } from "../wire/random.ts";
import { count } from "../wire/wire-log.ts";
import type { Alternatives, ConversationCase, Outcome, ScriptCase, Step } from "./case.ts";
import type { Conversation } from "./conversation.ts";
import { describeClose, describeEvents, isSame, judgeClose, judgeEvents } from "./judge.ts";
import { endOf, type Figures, isMissingDeflate, type Played, unimplemented } from "./played.ts";
import { playRoundTrips } from "./round-trips.ts";
import type { CaseJudgement } from "./verdict.ts";

/** Plays the case until the connection has ended. */
export async function play(
  testCase: ConversationCase,
  conversation: Conversation,
  random: Random,
): Promise<Played> {
  if (isMissingDeflate(testCase, conversation)) return unimplemented(testCase, conversation);
  if (testCase.kind === "script") return playScript(testCase, conversation, random);
  if (testCase.kind === "round trips") return playRoundTrips(testCase, conversation);
  const judgement = await testCase.play(conversation, random);
  await endOf(conversation, testCase.limitMs);
  return { ...judgement, expected: testCase.expected };
}

async function playScript(
  testCase: ScriptCase,
  conversation: Conversation,
  random: Random,
): Promise<Played> {
  const { steps, events } = testCase.script(random);
  const { close, limitMs, isMeasured = false, tolerated } = testCase;
  const begin = performance.now();
  for (const step of steps) await playStep(step, conversation);
  const closer = [close, tolerated?.close].some((end) => end?.by === "tester");
  if (closer && conversation.startedBy === undefined) {
    const good = close.by === "tester" ? Object.values(events) : [tolerated?.events ?? []];
    const isGood = (): boolean => good.some((list) => isSame(conversation.events, list));
    if (await conversation.until(isGood, limitMs)) await conversation.close(1000);
  }
  const ms = performance.now() - begin;
  await endOf(conversation, limitMs);
  const judgement = judge(testCase, conversation, events);
  const other = tolerated && describeOutcome(tolerated);
  const expected = `${describeAlternatives(events)}; ${describeClose(close)}${other ?? ""}`;
  return { ...judgement, expected, ...(isMeasured && { figures: figuresOf(conversation, ms) }) };
}

function judge(
  { close, isInformational = false, tolerated }: ScriptCase,
  conversation: Conversation,
  events: Alternatives,
): CaseJudgement {
  const behavior = judgeEvents(conversation, events);
  const behaviorClose = judgeClose(conversation, close);
  if (tolerated !== undefined && !isInformational && behaviorClose.verdict !== "OK") {
    const judgement = judgeClose(conversation, tolerated.close);
    const heard = judgeEvents(conversation, { "NON-STRICT": tolerated.events });
    if (judgement.verdict === "OK" && heard.verdict === "NON-STRICT") {
      return { behavior: heard, behaviorClose: judgement };
    }
  }
  if (isInformational) {
    const verdict = "INFORMATIONAL";
    const why = `what came is ${describeEvents(conversation.events)}`;
    return { behavior: { verdict, why }, behaviorClose: { ...behaviorClose, verdict } };
  }
  if (close.codeDecides === true && behaviorClose.verdict === "WRONG CODE") {
    return { behavior: { ...behaviorClose, verdict: "FAILED" }, behaviorClose };
  }
  return { behavior, behaviorClose };
}

function figuresOf(conversation: Conversation, ms: number): Figures {
  const messages = conversation.events.filter(({ type }) => type === "text" || type === "binary");
  return {
    messages: messages.length,
    contentOctets: messages.reduce((sum, { data }) => sum + data.length, 0),
    wireOctetsOut: conversation.octetsOut,
    wireOctetsIn: conversation.octetsIn,
    ms,
  };
}

async function playStep(step: Step, conversation: Conversation): Promise<void> {
  if (conversation.isEnding) return;
  switch (step.do) {
    case "send":
      if (step.closes) await conversation.closeWith(step.frames, step.delivery);
      else await conversation.send(step.frames, step.delivery);
      return;
    case "pause":
      await conversation.until(() => false, step.ms);
      return;
    case "mark":
      conversation.mark(step.name);
      return;
    case "end TCP":
      conversation.endTcp();
      return;
    case "send in parts":
      await sendInParts(step, conversation);
  }
}

async function sendInParts(
  { frame, cuts, between }: Extract<Step, { do: "send in parts" }>,
  conversation: Conversation,
): Promise<void> {
  const octets = conversation.serialize(frame);
  const header = octets.length - (frame.payload ?? []).length;
  const starts = [0, ...cuts.map((cut) => header + cut)];
  for (const [index, start] of starts.entries()) {
    if (index > 0) for (const step of between[index - 1] ?? []) await playStep(step, conversation);
    if (conversation.isEnding) return;
    const part = octets.subarray(start, starts[index + 1]);
    conversation.log.octets("tester", `of this frame ${count(part.length, "octet")}`, part);
    await conversation.write(part);
  }
}

function describeAlternatives(events: Alternatives): string {
  const { OK, "NON-STRICT": nonStrict } = events;
  const good = describeEvents(OK ?? []);
  return nonStrict === undefined ? good : `${good} (or, NON-STRICT: ${describeEvents(nonStrict)})`;
}

function describeOutcome({ events, close }: Outcome): string {
  return ` (or, NON-STRICT: ${describeEvents(events)}; ${describeClose(close)})`;
}
