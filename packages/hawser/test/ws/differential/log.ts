// What happened in one play. There is a track for everything that has an order of its own (a connection, a
// server, the wire): the order within a track is compared, the order between tracks is not.

import { deferred, within } from "../../support/deferred.ts";
import { shapeOf } from "./shape.ts";

interface Line {
  readonly word: string;
  readonly text: string;
}

interface Waiter {
  readonly track: string;
  readonly words: readonly string[];
  readonly count: number;
  resolve(): void;
}

export class Log {
  readonly #tracks = new Map<string, Line[]>();
  readonly #waiters = new Set<Waiter>();
  #isFrozen = false;

  /** Writes a line: a word, and any values behind it. */
  add(track: string, word: string, ...values: unknown[]): void {
    this.write(track, word, [word, ...values.map((value) => shapeOf(value))].join(" "));
  }

  /** Writes a line as it is; it can be waited for by its word. */
  write(track: string, word: string, text: string): void {
    if (this.#isFrozen) return;
    const lines = this.#tracks.get(track) ?? [];
    this.#tracks.set(track, lines);
    lines.push({ word, text });
    for (const waiter of this.#waiters) {
      if (waiter.track === track && this.#isEnough(waiter)) waiter.resolve();
    }
  }

  /** Writes on the track "script", where the script itself speaks. */
  note(word: string, ...values: unknown[]): void {
    this.add("script", word, ...values);
  }

  /** Writes what the function returns or throws. */
  attempt(word: string, run: () => unknown): void {
    try {
      this.note(word, "returns", run());
    } catch (error) {
      this.note(word, "throws", error);
    }
  }

  count(track: string, word: string): number {
    return (this.#tracks.get(track) ?? []).filter((line) => line.word === word).length;
  }

  /** Waits for the `count`th line with that word on that track. */
  until(track: string, word: string, count = 1): Promise<void> {
    return this.#wait(track, [word], count);
  }

  /** Waits for the first line with one of the words. */
  untilOne(track: string, ...words: string[]): Promise<void> {
    return this.#wait(track, words, 1);
  }

  #wait(track: string, words: readonly string[], count: number): Promise<void> {
    const { promise, resolve } = deferred();
    const waiter: Waiter = { track, words, count, resolve };
    if (this.#isEnough(waiter)) return Promise.resolve();
    this.#waiters.add(waiter);
    const what = `"${words.join('" or "')}" number ${count} on "${track}"`;
    return within(promise, what, 5_000).finally(() => this.#waiters.delete(waiter));
  }

  #isEnough({ track, words, count }: Waiter): boolean {
    return words.some((word) => this.count(track, word) >= count);
  }

  /** From now on nothing is written: what comes of clearing up is not part of the play. */
  freeze(): void {
    this.#isFrozen = true;
  }

  /** All lines, track after track. */
  get lines(): string[] {
    const names = [...this.#tracks.keys()].toSorted();
    return names.flatMap((name) =>
      (this.#tracks.get(name) ?? []).map(({ text }) => `${name}: ${text}`),
    );
  }
}
