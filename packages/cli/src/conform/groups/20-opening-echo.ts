// What both halves of group 20 do with a connection that has opened: a text, its echo, a clean close.

import { cleanClose, event, text as textFrame } from "../engine/case.ts";
import type { Conversation, TesterRole } from "../engine/conversation.ts";
import { isSame, judgeClose, judgeEvents } from "../engine/judge.ts";
import { endOf } from "../engine/played.ts";
import type { CaseJudgement } from "../engine/verdict.ts";
import { serializeFrame } from "../wire/frame.ts";
import type { Random } from "../wire/random.ts";

const hello = "Hello, world!";
const limitMs = 1_000;
const expected = [event("text", hello)];

/** The text as octets, for who writes it together with the handshake. */
export function text(random: Random, role: TesterRole): Buffer {
  const making = { masks: role === "client", nextKey: () => random.next() };
  return serializeFrame(textFrame(hello), making);
}

/** @param sends false when the text was written together with the handshake */
export async function judgeEchoOf(
  conversation: Conversation,
  sends: boolean,
): Promise<CaseJudgement> {
  if (sends) await conversation.send([textFrame(hello)]);
  await conversation.until(() => isSame(conversation.events, expected), limitMs);
  await conversation.close(1000);
  await endOf(conversation, limitMs);
  return {
    behavior: judgeEvents(conversation, { OK: expected }),
    behaviorClose: judgeClose(conversation, cleanClose),
  };
}
