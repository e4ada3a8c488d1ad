// Keeps a rate whatever the answers do: message k is due at its time, and the time that it is due is what its latency
// counts from, even when it leaves later. So a server that stands still for a second is seen to have delayed all
// that was due in that second ("coordinated omission" is to leave these out).

import type { Clock } from "./clock.ts";

export interface Pace {
  /** A second. */
  readonly rate: number;
  /** Whose turn it is goes round. */
  readonly slots: number;
  /** Takes all of a core to be on time; otherwise a message may be a millisecond or two late. */
  readonly isSpinning: boolean;
  send(slot: number, dueMicros: number): void;
}

export class Pacer {
  readonly #pace: Pace;
  readonly #clock: Clock;
  readonly #start: number;
  #count = 0;
  #isRunning = true;

  constructor(pace: Pace, clock: Clock) {
    this.#pace = pace;
    this.#clock = clock;
    this.#start = clock.now();
    if (pace.rate > 0 && pace.slots > 0) this.#turn();
  }

  stop(): void {
    this.#isRunning = false;
  }

  readonly #turn = (): void => {
    if (!this.#isRunning) return;
    const { rate, slots, isSpinning } = this.#pace;
    const now = this.#clock.now();
    for (;;) {
      const due = this.#start + (this.#count * 1e6) / rate;
      if (due > now) break;
      this.#pace.send(this.#count % slots, due);
      this.#count++;
    }
    if (isSpinning) setImmediate(this.#turn);
    else setTimeout(this.#turn, 1);
  };
}
