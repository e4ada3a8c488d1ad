// What has to hold, by name. A finding is the first thing that did not, in one world; the planted faults
// (planted-faults.ts) say which of these names catches which.

import { type contentOf, describe, isSame } from "../soak/content.ts";

export type Content = ReturnType<typeof contentOf>;

export const oracles = {
  order: "messages arrive whole, once and in order",
  complete: "what was sent before a clean end has arrived",
  closedOnce: "every connection is reported closed, exactly once",
  closeCode: "a connection ends with the code that it was ended with",
  retained: "nothing is retained after the end: bytes, blocks, timers, connections",
  messageLimit: "a message over maxMessageBytes is never delivered",
  fragmentLimit: "a message of more than maxFragments is never delivered",
  falseFailure: "nobody fails a connection whose peer keeps the rules",
  queueLimit: "no more is queued than maxQueuedBytes, or one message",
  pendingPongs:
    "while output is backed up, pings queue no pongs; every pong was asked for, in order",
  living: "the heartbeat never ends a connection whose peer lives",
  dead: "the heartbeat finds a peer that is gone, in time",
  inTime: "a connection that is closed ends in time",
  held: "nothing is delivered while a handler is busy or reading is paused",
  drain: "whoever waits for room is told when there is some",
  isolation: "a handler that fails closes its own connection with 1011, and no other",
  crash: "nothing throws that nobody catches",
} as const;

export type Oracle = keyof typeof oracles;

export interface Finding {
  readonly oracle: Oracle;
  readonly text: string;
}

/** What a message that is sent will come to. */
export interface Sent {
  readonly content: Content;
  /** The limit of the receiver that it passes. */
  readonly breaks: "HAWSER_MESSAGE_TOO_BIG" | "HAWSER_TOO_MANY_FRAGMENTS" | undefined;
}

/** One direction: what was sent, and how far it has been received. */
export class Ledger {
  readonly sent: Sent[] = [];
  received = 0;

  /** What comes next, if the rules are kept. */
  get next(): Sent | undefined {
    return this.sent[this.received];
  }

  /** How many will arrive when nothing breaks: all, or those before the first that passes a limit. */
  get deliverable(): number {
    const first = this.sent.findIndex(({ breaks }) => breaks !== undefined);
    return first < 0 ? this.sent.length : first;
  }

  /** A message was delivered. */
  receive(message: Content): Finding | undefined {
    const { next } = this;
    this.received++;
    if (next === undefined || !isSame(message, next.content)) {
      const text = `message ${this.received} is ${describe(message)} instead of ${describe(next?.content)}`;
      return { oracle: "order", text };
    }
    if (next.breaks === undefined) return undefined;
    const isTooBig = next.breaks === "HAWSER_MESSAGE_TOO_BIG";
    return {
      oracle: isTooBig ? "messageLimit" : "fragmentLimit",
      text: `message ${this.received}, ${describe(message)}, was delivered`,
    };
  }
}

/** Pings of one side, and the pongs that came back. */
export class PingLedger {
  sent = 0;
  #answered = 0;

  next(): string {
    return String(++this.sent);
  }

  receive(payload: string): Finding | undefined {
    const serial = Number(payload);
    // Those of the heartbeat are empty.
    if (payload === "") return undefined;
    const isAsked = serial > this.#answered && serial <= this.sent;
    this.#answered = serial;
    if (isAsked) return undefined;
    return { oracle: "pendingPongs", text: `a pong with ${JSON.stringify(payload)} came` };
  }

  get answered(): number {
    return this.#answered;
  }
}

/**
 * What the library is told to allow beyond what the oracles know of: 0 but for planted faults, which an oracle has to
 * find.
 */
export const slack = { messageBytes: 0, fragments: 0, queuedBytes: 0 };

/** A number that two others choose: neighbours have nothing in common. */
export function mixed(seed: number, index: number): number {
  let x = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35);
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}
