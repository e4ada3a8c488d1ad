// What the load says to a server, and what it wants to hear: known before anything is measured. The load
// writes bytes that are ready and counts what comes back; it looks into the first answers only.

import type { Buffer } from "node:buffer";
import type { FrameCycle } from "./frame-cycle.ts";

export interface Conversation {
  readonly upgradeRequest: Buffer;
  /**
   * Whether a connection is open now that it has received this much, as latin1; `reply` is for what
   * has to be said before it is.
   *
   * @throws Error when it never will be
   */
  isOpen(received: string, reply: (frame: Buffer) => void): boolean;
  readonly requests: FrameCycle;
  /** For one connection. */
  newCounter(): AnswerCounter;
}

export interface AnswerCounter {
  /**
   * How many answers are whole now that `bytes[0, byteCount)` have come.
   *
   * @throws Error when an answer is not the right one
   */
  count(bytes: Buffer, byteCount: number): number;
}
