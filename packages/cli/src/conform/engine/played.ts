// What playing a case comes to, and how it ends.

import type { ConversationCase } from "./case.ts";
import type { Conversation } from "./conversation.ts";
import type { CaseJudgement, Judgement } from "./verdict.ts";

/** What a case has led to. */
export interface Played extends CaseJudgement {
  /** What was expected, in words. */
  readonly expected: string;
  readonly figures?: Figures;
}

/** What a performance case measures. */
export interface Figures {
  readonly messages: number;
  /** Octets of the messages' contents, in one direction. */
  readonly contentOctets: number;
  readonly wireOctetsOut: number;
  readonly wireOctetsIn: number;
  /** From the first message out to the last one in. */
  readonly ms: number;
}

/** Waits until the connection has ended; when the peer does not do its part, the tester ends it. */
export async function endOf(conversation: Conversation, limitMs: number): Promise<void> {
  const isEnding = (): boolean => conversation.startedBy !== undefined;
  if (!(await conversation.until(isEnding, limitMs))) conversation.drop("its time is over");
  await conversation.until(() => conversation.isOver, 10_000);
}

/** Whether the case needs permessage-deflate, and it was not agreed on. */
export function isMissingDeflate(testCase: ConversationCase, conversation: Conversation): boolean {
  return testCase.deflate !== undefined && conversation.deflate === undefined;
}

/** Ends the connection of a case for which the peer does not have what it takes. */
export async function unimplemented(
  { limitMs }: ConversationCase,
  conversation: Conversation,
): Promise<Played> {
  await conversation.close(1000);
  await endOf(conversation, limitMs);
  const why = "permessage-deflate as the tester asks for it was not agreed on";
  const judgement: Judgement = { verdict: "UNIMPLEMENTED", why };
  return { behavior: judgement, behaviorClose: judgement, expected: "permessage-deflate" };
}
