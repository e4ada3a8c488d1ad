// What a case has at hand that makes, or answers, the opening handshake itself.

import type { Duplex } from "node:stream";
import type { HttpHead } from "../wire/http-head.ts";
import type { OpeningTarget } from "../wire/opening.ts";
import type { Random } from "../wire/random.ts";
import type { WireLog } from "../wire/wire-log.ts";

/** For a case that tests a server. */
export interface ServerHand {
  readonly target: OpeningTarget;
  readonly random: Random;
  readonly log: WireLog;
  /**
   * A connection on which nothing was said; the role ends it after the case.
   *
   * @throws {WireFault} when nobody answers
   */
  dial(): Promise<Duplex>;
}

/** For a case that tests a client. */
export interface ClientHand {
  readonly socket: Duplex;
  /** What the client has asked. */
  readonly request: HttpHead;
  readonly random: Random;
  readonly log: WireLog;
}
