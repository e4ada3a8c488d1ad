// One case, from the opening handshake to the result. How a connection comes about is the role's.

import type { Duplex } from "node:stream";
import { WireFault } from "../wire/frame-reader.ts";
import type { Opened } from "../wire/opening.ts";
import { Random } from "../wire/random.ts";
import { type LogEntry, WireLog } from "../wire/wire-log.ts";
import type { Case, ClientCase, ServerCase } from "./case.ts";
import { Conversation, type PeerClose, type TesterRole } from "./conversation.ts";
import { FairTimer } from "./fair-timer.ts";
import { play } from "./play.ts";
import type { Figures, Played } from "./played.ts";
import type { CaseJudgement, Verdict } from "./verdict.ts";

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
  /**
   * Plays a case that makes the opening handshake itself.
   *
   * @throws {WireFault} when the peer is not there
   */
  byHand(testCase: ServerCase | ClientCase, random: Random, log: WireLog): Promise<CaseJudgement>;
  /**
   * Asks a server whether it serves another connection.
   *
   * @throws {WireFault} when it does not
   */
  again?(random: Random, log: WireLog): Promise<void>;
}

/** The peer does not have an optional part of the protocol. */
export class Unimplemented extends Error {}

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
  const outcome = await playOn(stage, testCase, random, log, stuckMs);
  const { expected, peerClose, figures } = outcome;
  const { behavior, behaviorClose } = await thenAgain(outcome, testCase, stage, random, log);
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

type Outcome = Played & { readonly peerClose?: PeerClose | undefined };

async function playOn(
  stage: Stage,
  testCase: Case,
  random: Random,
  log: WireLog,
  stuckMs: number,
): Promise<Outcome> {
  try {
    if (testCase.kind === "server" || testCase.kind === "client") {
      return { ...(await stage.byHand(testCase, random, log)), expected: testCase.expected };
    }
    const { socket, opened } = await stage.open(testCase, random, log);
    const conversation = new Conversation(stage.role, socket, opened, random, log);
    // One that takes nothing would hold up what is sent, and with it the case.
    const watchdog = new FairTimer(testCase.limitMs + stuckMs, () =>
      conversation.drop("nothing has happened for too long"),
    );
    const played = await play(testCase, conversation, random);
    watchdog.stop();
    return { ...played, peerClose: conversation.peerClose };
  } catch (error) {
    return notOpened(error, log);
  }
}

function notOpened(error: unknown, log: WireLog): Outcome {
  if (error instanceof Unimplemented) {
    const judgement = { verdict: "UNIMPLEMENTED", why: error.message } as const;
    return { behavior: judgement, behaviorClose: judgement, expected: "an optional part" };
  }
  if (!(error instanceof WireFault)) throw error;
  const why = `no connection: ${error.message} (${error.section})`;
  log.note(why);
  const judgement = { verdict: "FAILED", why } as const;
  return { behavior: judgement, behaviorClose: judgement, expected: "an opening handshake" };
}

/** What the case has come to, and FAILED when it was the server's last. */
async function thenAgain(
  judgement: CaseJudgement,
  { isServedAfter = false }: Case,
  stage: Stage,
  random: Random,
  log: WireLog,
): Promise<CaseJudgement> {
  if (!isServedAfter || stage.again === undefined) return judgement;
  log.note("another connection, to see whether the server is still there");
  try {
    await stage.again(random, log);
    return judgement;
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
    const why = `another connection afterwards: ${error.message} (${error.section})`;
    return { ...judgement, behavior: { verdict: "FAILED", why } };
  }
}
