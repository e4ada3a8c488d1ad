// What happened, in order, and a way to wait for it. Handlers under test write into the log; a test
// waits for the entry it needs and then looks at all of them.

import { deferred, within } from "./deferred.ts";

export interface LogEntry {
  readonly name: string;
  readonly values: readonly unknown[];
}

interface Waiter {
  readonly name: string;
  readonly count: number;
  resolve(values: readonly unknown[]): void;
}

export class EventLog {
  readonly entries: LogEntry[] = [];
  readonly #waiters = new Set<Waiter>();

  add(name: string, ...values: unknown[]): void {
    this.entries.push({ name, values });
    for (const waiter of this.#waiters) {
      if (waiter.name !== name || this.count(name) < waiter.count) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(values);
    }
  }

  /** The names of all entries, in order. */
  get names(): string[] {
    return this.entries.map(({ name }) => name);
  }

  count(name: string): number {
    return this.entries.filter((entry) => entry.name === name).length;
  }

  /** The values of every entry with that name. */
  all(name: string): (readonly unknown[])[] {
    return this.entries.filter((entry) => entry.name === name).map(({ values }) => values);
  }

  /** The values of the `count`th entry with that name, once it is there. */
  waitFor(name: string, count = 1, limitMs = 10_000): Promise<readonly unknown[]> {
    const there = this.all(name)[count - 1];
    if (there !== undefined) return Promise.resolve(there);
    const { promise, resolve } = deferred<readonly unknown[]>();
    const waiter: Waiter = { name, count, resolve };
    this.#waiters.add(waiter);
    const what = `${name} number ${count} (so far: ${this.names.slice(-20).join(", ")})`;
    return within(promise, what, limitMs).finally(() => this.#waiters.delete(waiter));
  }

  clear(): void {
    this.entries.length = 0;
  }
}
