// How a conversation is judged, and the words for what was expected and what came.

import { formatNumber } from "../wire/wire-log.ts";
import type { Alternatives, CloseExpectation, ExpectedEvent } from "./case.ts";
import type { Conversation, PeerClose, SeenEvent } from "./conversation.ts";
import type { Judgement } from "./verdict.ts";

export function judgeEvents(conversation: Conversation, alternatives: Alternatives): Judgement {
  const { events, fault } = conversation;
  if (fault !== undefined) return { verdict: "FAILED", why: `${fault.message} (${fault.section})` };
  for (const verdict of ["OK", "NON-STRICT"] as const) {
    const expected = alternatives[verdict];
    if (expected !== undefined && isSame(events, expected)) {
      return { verdict, why: "what came is what was expected" };
    }
  }
  return { verdict: "FAILED", why: `what came is ${describeEvents(events)}` };
}

export function judgeClose(conversation: Conversation, expected: CloseExpectation): Judgement {
  const { startedBy, peerClose, fault, role, wasClean, droppedByTester } = conversation;
  const code = peerClose?.code;
  if (fault !== undefined) {
    const why = "the tester had to give up, because the peer broke the protocol";
    return { verdict: expected.isClean ? "UNCLEAN" : "FAILED", why };
  }
  if (startedBy !== expected.by) {
    const why =
      expected.by === "peer"
        ? "the peer should have ended the connection, and has not"
        : `the peer has ended the connection, and should not have: ${describeEnd(peerClose)}`;
    return { verdict: "FAILED", why };
  }
  if (expected.isClean && !wasClean) {
    const what = peerClose === undefined ? "no Close frame came" : "the server has not ended TCP";
    return { verdict: "UNCLEAN", why: `the connection should have ended cleanly; ${what}` };
  }
  if (code !== undefined && !expected.codes.includes(code)) {
    const codes = expected.codes.join(" or ");
    return { verdict: "WRONG CODE", why: `the close code is ${code}, not ${codes}` };
  }
  if (expected.endsTcp === true && droppedByTester) {
    return { verdict: "UNCLEAN", why: "the peer has not ended TCP" };
  }
  if (role === "client" && droppedByTester) {
    return { verdict: "FAILED BY CLIENT", why: "the server should have ended TCP" };
  }
  return { verdict: "OK", why: "the connection ended as it should" };
}

/** How the peer ended it, in words. */
function describeEnd(close: PeerClose | undefined): string {
  if (close === undefined) return "TCP ended without a Close frame";
  const { code, reason } = close;
  return `a Close frame with ${code ?? "no code"}${reason === "" ? "" : `, "${reason}"`}`;
}

/** Whether exactly these came, in this order. */
export function isSame(seen: readonly SeenEvent[], expected: readonly ExpectedEvent[]): boolean {
  return (
    seen.length === expected.length &&
    expected.every(({ type, data, length }, index) => {
      const event = seen[index] as SeenEvent;
      if (event.type !== type) return false;
      return data === undefined ? event.data.length === length : event.data.equals(data);
    })
  );
}

const shownEvents = 12;

/** The list in words. */
export function describeEvents(events: readonly (SeenEvent | ExpectedEvent)[]): string {
  if (events.length === 0) return "nothing";
  const texts = events.slice(0, shownEvents).map(describeEvent);
  const more = events.length - texts.length;
  return texts.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function describeEvent(event: SeenEvent | ExpectedEvent): string {
  if (event.type === "mark") return `(${String(event.data)})`;
  const length = event.data?.length ?? (event as ExpectedEvent).length ?? 0;
  return `${event.type} of ${formatNumber(length)}${describeStart(event.data)}`;
}

function describeStart(data: Buffer | undefined): string {
  if (data === undefined || data.length === 0 || data.length > 32) return "";
  const text = data.toString();
  return /[\p{Cc}\uFFFD]/u.test(text) ? ` (${data.toString("hex")})` : ` "${text}"`;
}

/** The end that is expected, in words. */
export function describeClose({ by, codes, endsTcp }: CloseExpectation): string {
  const list = codes.join(" or ");
  if (endsTcp === true) return "the tester ends TCP, and then the peer";
  return by === "tester"
    ? `then a clean close that the tester begins; answered with ${list} or without a code`
    : `the peer fails the connection, with ${list} or by dropping TCP`;
}
