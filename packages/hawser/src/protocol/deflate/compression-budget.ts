// How much memory the compression contexts of many connections may hold together. A connection whose
// contexts don't fit is negotiated without context takeover, so the budget is a promise and no wish:
// what is agreed on is reserved when the connection opens, and released once when it closes.

export class CompressionBudget {
  readonly maxBytes: number;
  #usedBytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** What is reserved. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Whether that much more may be reserved. */
  hasRoom(bytes: number): boolean {
    return this.#usedBytes + bytes <= this.maxBytes;
  }

  reserve(bytes: number): void {
    this.#usedBytes += bytes;
  }

  release(bytes: number): void {
    this.#usedBytes -= bytes;
  }
}
