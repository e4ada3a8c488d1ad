// Opens connections and closes them again, as often as it goes: always so many at a time, or at a rate. What takes
// time here is the opening handshake, from the TCP connection to the answer.

import { Pacer } from "../pacer.ts";
import { patienceEnd, type Scenario, type Surroundings } from "./scenario.ts";

export class Storm implements Scenario {
  readonly #around: Surroundings;
  #pacer: Pacer | undefined;
  #isSending = false;
  /** Connections that are there, or on their way. */
  #busy = 0;
  /** When each was due that waits for another one to close. */
  #backlog: number[] = [];

  constructor(around: Surroundings) {
    this.#around = around;
  }

  async open(): Promise<void> {}

  go(): void {
    const { share, clock } = this.#around;
    this.#isSending = true;
    if (share.rate === undefined) {
      for (let i = 0; i < share.connections; i++) void this.#openNext();
      return;
    }
    const { rate, isSpinning } = share;
    const send = (_slot: number, due: number): void => {
      this.#backlog.push(due);
      void this.#openNext();
    };
    this.#pacer = new Pacer({ rate, slots: 1, isSpinning, send }, clock);
  }

  check(): void {}

  stop(): void {
    this.#isSending = false;
    this.#pacer?.stop();
    const end = patienceEnd(this.#around);
    this.#around.meter.tally.unsent += this.#backlog.filter((dueMicros) => dueMicros < end).length;
    this.#backlog = [];
  }

  isAtRest(): boolean {
    return this.#busy === 0;
  }

  async end(): Promise<void> {}

  async #openNext(): Promise<void> {
    const { share, clock } = this.#around;
    if (this.#busy >= share.connections) return;
    this.#busy++;
    while (this.#isSending) {
      const due = share.rate === undefined ? clock.now() : this.#backlog.shift();
      if (due === undefined) break;
      // oxlint-disable-next-line no-await-in-loop
      await this.#openOne(due);
    }
    this.#busy--;
  }

  async #openOne(dueMicros: number): Promise<void> {
    const { opener, meter, clock } = this.#around;
    let isClosing = false;
    const ws = await opener.open({
      message: () => {
        meter.tally.unknown++;
      },
      close: (_ws, code, reason) => {
        meter.open--;
        if (!isClosing) meter.dropped(code, reason);
      },
    });
    if (ws === undefined) {
      // A server that refuses at once is not asked thousands of times in a turn.
      await new Promise((resolve) => setTimeout(resolve, 10));
      return;
    }
    meter.took(clock.now() - dueMicros);
    isClosing = true;
    ws.close(1000);
    await ws.closed;
  }
}
