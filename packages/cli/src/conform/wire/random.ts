// Numbers that look random and are the same for the same seed: every case has its own, so that it
// says the same octets whatever runs beside it.

export class Random {
  #state: number;

  /** @param seed any text */
  constructor(seed: string) {
    // FNV-1a.
    let hash = 0x811c9dc5;
    for (const octet of Buffer.from(seed)) hash = Math.imul(hash ^ octet, 0x01000193);
    this.#state = hash >>> 0;
  }

  /** 32 bits (Mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return (bits ^ (bits >>> 14)) >>> 0;
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor((this.next() / 2 ** 32) * limit);
  }

  octets(count: number): Buffer {
    const octets = Buffer.allocUnsafe(count);
    for (let index = 0; index < count; index++) octets[index] = this.next();
    return octets;
  }
}
