// The end of what was inflated so far, as much of it as the window has: all that a message with context
// takeover needs of those before it. It holds what has come, at most the window, instead of a zlib
// stream per connection, which would be 10 KiB and Node's objects more.

/** The least memory that is taken at once. */
const leastBytes = 512;

export class History {
  readonly #capacity: number;
  #block = new Uint8Array(0);
  #length = 0;

  /** @param capacity bytes of the window */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The bytes, oldest first; a view that is valid until the next `append`. */
  get bytes(): Uint8Array {
    return this.#block.subarray(0, this.#length);
  }

  /** Adds what came next, and forgets what falls out of the window. */
  append(content: Uint8Array): void {
    const added = content.subarray(Math.max(0, content.length - this.#capacity));
    const kept = Math.min(this.#length, this.#capacity - added.length);
    this.#reserve(kept + added.length);
    this.#block.copyWithin(0, this.#length - kept, this.#length);
    this.#block.set(added, kept);
    this.#length = kept + added.length;
  }

  /** A history of its own that begins with the same bytes. */
  clone(): History {
    const copy = new History(this.#capacity);
    copy.append(this.bytes);
    return copy;
  }

  #reserve(length: number): void {
    if (length <= this.#block.length) return;
    const grown = Math.max(length, leastBytes, 2 * this.#block.length);
    const block = new Uint8Array(Math.min(this.#capacity, grown));
    block.set(this.bytes);
    this.#block = block;
  }
}
