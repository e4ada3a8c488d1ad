// How long to wait before the next attempt: twice as long after each that failed, up to a limit, and never quite as
// long as others who lost the same server (jitter).

const firstMs = 500;
const mostMs = 30_000;

export class Backoff {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** How many attempts in a row have failed. */
  get failures(): number {
    return this.#failures;
  }

  /** An attempt has failed, or a connection has ended: milliseconds until the next. */
  next(): number {
    const delay = Math.min(mostMs, firstMs * 2 ** this.#failures++);
    return Math.round(delay * (0.5 + this.#random() / 2));
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
