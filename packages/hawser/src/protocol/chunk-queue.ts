// Chunks of bytes in the order in which they go out. One with a key is replaced, in its place, by the next
// with the same key. Each operation takes constant time on average, however long the queue, and a chunk
// that was taken is not kept alive.

/** From this many chunks taken on, their places are given up. */
const compactFrom = 1024;

const noBytes = new Uint8Array(0);

export class ChunkQueue {
  readonly #chunks: Uint8Array[] = [];
  /** Where the first is; those before it were taken. */
  #head = 0;
  /** Where the chunk with a key is, or was. */
  #keyed: Map<string, number> | undefined;

  get length(): number {
    return this.#chunks.length - this.#head;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
  }

  /** Replaces the chunk with this key, or appends it; returns how many bytes it replaced. */
  putKeyed(chunk: Uint8Array, key: string): number {
    const replaced = this.keyedBytes(key);
    const keyed = (this.#keyed ??= new Map());
    if (replaced > 0) this.#chunks[keyed.get(key) as number] = chunk;
    else keyed.set(key, this.#chunks.push(chunk) - 1);
    return replaced;
  }

  /** How many bytes the chunk with this key has; 0 when there is none. */
  keyedBytes(key: string): number {
    const index = this.#keyed?.get(key) ?? -1;
    return index < this.#head ? 0 : (this.#chunks[index] as Uint8Array).length;
  }

  /** Takes the first; there must be one. */
  take(): Uint8Array {
    const chunks = this.#chunks;
    const chunk = chunks[this.#head] as Uint8Array;
    // What was taken must not stay alive because a slow reader never empties the queue.
    chunks[this.#head++] = noBytes;
    if (this.#head >= compactFrom && this.#head * 2 >= chunks.length) this.#compact();
    return chunk;
  }

  /** Moves what waits to the front, once at least half is behind it: constant time per chunk. */
  #compact(): void {
    this.#chunks.splice(0, this.#head);
    for (const [key, index] of this.#keyed ?? []) {
      if (index < this.#head) this.#keyed?.delete(key);
      else this.#keyed?.set(key, index - this.#head);
    }
    this.#head = 0;
  }
}
