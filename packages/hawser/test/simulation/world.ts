// What every simulated world has: a seed's random choices, a clock, a log for whoever replays it, and the first
// finding. Nothing in a world comes from outside, so the same seed and number make the same world.

import { mixed, type Finding, type Oracle } from "./oracles.ts";
import { Random } from "../soak/content.ts";
import { Clock } from "./clock.ts";

/** Conversations that have their blocks, options and time in common. */
export const conversationsPerWorld = 4;

/** Both levels at which conversations are simulated. */
export const levels = ["protocol", "node"] as const;
export type Level = (typeof levels)[number];

/** What was done in worlds, so that nobody takes an empty run for a good one. */
export interface Tally {
  conversations: number;
  messages: number;
  pings: number;
  events: number;
  /** Conversations that ended with both Close frames, and those that did not. */
  clean: number;
  broken: number;
}

export function newTally(): Tally {
  return { conversations: 0, messages: 0, pings: 0, events: 0, clean: 0, broken: 0 };
}

export class World {
  readonly clock: Clock = new Clock();
  readonly random: Random;
  readonly tally: Tally;
  readonly #print: ((line: string) => void) | undefined;
  finding: Finding | undefined;

  constructor(seed: number, index: number, tally: Tally, print?: (line: string) => void) {
    this.random = new Random(mixed(seed, index));
    // The first numbers of neighbours have little to do with each other only after a few turns.
    for (let i = 0; i < 4; i++) this.random.bits();
    this.tally = tally;
    this.#print = print;
  }

  get isLogged(): boolean {
    return this.#print !== undefined;
  }

  /** Logs what somebody does; the text is made only for a log. */
  say(who: string, text: () => string): void {
    this.#print?.(`${this.clock.now.toFixed(0).padStart(9)} ms  ${who.padEnd(10)}  ${text()}`);
  }

  /** An oracle says no. */
  report(oracle: Oracle, who: string, text: string): void {
    this.finding ??= { oracle, text: `${who}: ${text}` };
    this.say(who, () => `FOUND (${oracle}): ${text}`);
  }

  check(isFine: boolean, oracle: Oracle, who: string, text: () => string): void {
    if (!isFine) this.report(oracle, who, text());
  }

  /** The same for a ledger's word. */
  note(finding: Finding | undefined, who: string): void {
    if (finding !== undefined) this.report(finding.oracle, who, finding.text);
  }
}
