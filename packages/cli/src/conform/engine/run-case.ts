// One case, from the opening handshake to the result. How a connection comes about is the role's.

import type { Duplex } from "node:stream";
import { WireFault } from "../wire/frame-reader.ts";
import type { Opened } from "../wire/opening.ts";
import { Random } from "../wire/random.ts";
import { type LogEntry, WireLog } from "../wire/wire-log.ts";
import type { Case } from "./case.ts";
import { Conversation, type TesterRole } from "./conversation.ts";
import { FairTimer } from "./fair-timer.ts";
import { play } from "./play.ts";
import type { Figures } from "./played.ts";
import type { Verdict } from "./verdict.ts";

/** What a case has come to. It is part of the report as it is. */
export interface CaseResult {
  readonly id: string;
  readonly behavior: Verdict;
  readonly behaviorClose: Verdict;
  /** Why `behavior` is what it is. */
  readonly behaviorWhy: string;
  /** Why `behaviorClose` is what it is. */
  readonly behaviorCloseWhy: string;
  /** What was expected. */
  readonly expected: string;
  /** The code of the peer's Close frame; null without a frame or a code. */
  readonly closeCode: number | null;
  readonly closeReason: string;
  readonly ms: number;
  readonly figures?: Figures;
  readonly log: readonly LogEntry[];
}

/** A connection after the opening handshake. */
export interface OpenedSocket {
  readonly socket: Duplex;
  readonly opened: Opened;
}

/** How a role comes by the connection of a case. */
export interface Stage {
  readonly role: TesterRole;
  /** @throws {WireFault} when the peer breaks the rules of the opening handshake */
  open(testCase: Case, random: Random, log: WireLog): Promise<OpenedSocket>;
}

/**
 * Runs the case; what the peer does wrong is in the result, never an exception.
 *
 * @param stuckMs how much longer than its limit the case may take with all that is sent and waited for
 */
export async function runCase(
  testCase: Case,
  seed: string,
  stage: Stage,
  stuckMs: number = 30_000,
): Promise<CaseResult> {
  const random = new Random(`${seed}:${testCase.id}`);
  const log = new WireLog();
  let connection: OpenedSocket;
  try {
    connection = await stage.open(testCase, random, log);
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
    return notOpened(testCase, error, log);
  }
  const { socket, opened } = connection;
  const conversation = new Conversation(stage.role, socket, opened, random, log);
  // One that takes nothing would hold up what is sent, and with it the case.
  const watchdog = new FairTimer(testCase.limitMs + stuckMs, () =>
    conversation.drop("nothing has happened for too long"),
  );
  const { behavior, behaviorClose, expected, figures } = await play(testCase, conversation, random);
  watchdog.stop();
  const { peerClose } = conversation;
  return {
    id: testCase.id,
    behavior: behavior.verdict,
    behaviorClose: behaviorClose.verdict,
    behaviorWhy: behavior.why,
    behaviorCloseWhy: behaviorClose.why,
    expected,
    closeCode: peerClose?.code ?? null,
    closeReason: peerClose?.reason ?? "",
    ms: log.ms,
    ...(figures !== undefined && { figures }),
    log: log.entries,
  };
}

function notOpened({ id }: Case, { message, section }: WireFault, log: WireLog): CaseResult {
  const why = `no connection: ${message} (${section})`;
  log.note(why);
  return {
    id,
    behavior: "FAILED",
    behaviorClose: "FAILED",
    behaviorWhy: why,
    behaviorCloseWhy: why,
    expected: "an opening handshake",
    closeCode: null,
    closeReason: "",
    ms: log.ms,
    log: log.entries,
  };
}
