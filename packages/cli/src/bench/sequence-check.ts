// Which of the messages that were sent in a row have come: one is fresh when it is behind all that came before,
// and every other is out of order, late, or there for the second time. What a fresh one has skipped is missing
// until it comes.

export type Arrival =
  | "fresh"
  /** After one that was sent later. */
  | "reordered"
  /** After it was given up. */
  | "late"
  | "duplicate"
  /** A number that was not sent yet. */
  | "unsent";

export class SequenceCheck {
  /** The number behind all that came or were given up. */
  next = 0;
  #missing: Set<number> | undefined;
  /** What is below was given up at some time. */
  #givenUp = 0;

  /** @param sent how many were sent */
  receive(sequence: number, sent: number): Arrival {
    if (sequence === this.next && sequence < sent) {
      this.next++;
      return "fresh";
    }
    if (sequence >= sent) return "unsent";
    if (sequence > this.next) {
      this.#miss(sequence);
      this.next = sequence + 1;
      return "fresh";
    }
    if (this.#missing?.delete(sequence) !== true) return "duplicate";
    return sequence < this.#givenUp ? "late" : "reordered";
  }

  /** Waits no longer for any of those that were sent. */
  giveUp(sent: number): void {
    this.#miss(sent);
    this.next = sent;
    this.#givenUp = sent;
  }

  /** One has come that does not say which one it is: most likely it is the next. */
  skip(): void {
    this.#miss(this.next + 1);
    this.next++;
  }

  /** How many of those that were sent have not come. */
  missing(sent: number): number {
    return (this.#missing?.size ?? 0) + Math.max(0, sent - this.next);
  }

  #miss(end: number): void {
    if (end === this.next) return;
    const missing = (this.#missing ??= new Set());
    for (let sequence = this.next; sequence < end; sequence++) missing.add(sequence);
  }
}
