// Who wants to know when a message has gone: places in the stream of what goes out, each with a function.
// An output has marks only while somebody waits for one.

/** Called once what was sent is written, or with an error when it never will be. */
export type OnWritten = (error?: Error) => void;

interface Mark {
  /** The place: so many bytes after the marks were made. */
  readonly at: number;
  readonly onWritten: OnWritten;
}

export class WriteMarks {
  #marks: Mark[] = [];
  #taken = 0;
  /** Of messages that were given up, and will not be written. */
  #lost: OnWritten[] = [];

  /** Marks the place behind the next so many bytes that will be taken. */
  add(waitingBytes: number, onWritten: OnWritten): void {
    this.#marks.push({ at: this.#taken + waitingBytes, onWritten });
  }

  lose(onWritten: OnWritten): void {
    this.#lost.push(onWritten);
  }

  /** What waits was dropped. */
  loseAll(): void {
    this.#lost.push(...this.reached(true));
  }

  /** So many bytes were taken. */
  took(bytes: number): void {
    this.#taken += bytes;
  }

  /** So many bytes were replaced by others: places may be that much later, none becomes earlier. */
  grew(bytes: number): void {
    if (bytes > 0) this.#taken -= bytes;
  }

  /** Those whose place has been passed, or all when nothing is left that could be taken. */
  reached(isAllTaken: boolean): OnWritten[] {
    if (isAllTaken) return this.#marks.splice(0).map(({ onWritten }) => onWritten);
    const ahead = this.#marks.findIndex(({ at }) => at > this.#taken);
    const count = ahead === -1 ? this.#marks.length : ahead;
    return this.#marks.splice(0, count).map(({ onWritten }) => onWritten);
  }

  /** All that are left: nothing of it will be written any more. */
  takeAll(): OnWritten[] {
    this.loseAll();
    return this.#lost.splice(0);
  }

  get isEmpty(): boolean {
    return this.#marks.length === 0 && this.#lost.length === 0;
  }
}
