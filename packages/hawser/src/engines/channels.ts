// Which channels the engine is to send us, and which it was told to. One rule: for each channel one command is under
// way at a time. A client that is told to join what it is about to leave may take it for joined, ask the engine for
// nothing, and hear nothing more. So what changes meanwhile waits, and only what is wanted in the end is asked for.

import type { EngineDriver } from "./driver.ts";

/** How many channels are joined again by one command. */
const joinedAtOnce = 500;

function* portions(channels: readonly string[]): Iterable<readonly string[]> {
  for (let start = 0; start < channels.length; start += joinedAtOnce) {
    yield channels.slice(start, start + joinedAtOnce);
  }
}

export class Channels {
  readonly #driver: EngineDriver;
  /** Whether commands make sense just now: while they don't, what is wanted is only remembered. */
  readonly #isAnswering: () => boolean;
  /** Channel → topic, of what is wanted. */
  readonly #topics = new Map<string, string>();
  /** What the driver was told to join and not yet to leave, and whether the engine has confirmed. */
  readonly #joined = new Map<string, boolean>();
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(driver: EngineDriver, isAnswering: () => boolean) {
    this.#driver = driver;
    this.#isAnswering = isAnswering;
  }

  topicOf(channel: string): string | undefined {
    return this.#topics.get(channel);
  }

  /** Wants it; joined at the next `settle`. */
  want(channel: string, topic: string): void {
    this.#topics.set(channel, topic);
  }

  /** Does not want it any more. */
  release(channel: string): void {
    this.#topics.delete(channel);
  }

  /**
   * Brings the engine to what is wanted of the channel.
   *
   * @throws what the engine refused with (rejects)
   */
  settle(channel: string): Promise<void> {
    let settled = this.#underWay.get(channel);
    if (settled === undefined) {
      settled = this.#bring(channel).finally(() => this.#underWay.delete(channel));
      this.#underWay.set(channel, settled);
    }
    return settled;
  }

  async #bring(channel: string): Promise<void> {
    while (this.#isAnswering() && this.#isDue(channel)) {
      if (this.#topics.has(channel)) await this.#join([channel]);
      else await this.#leave(channel);
    }
  }

  /** Whether there is something to tell the engine. */
  #isDue(channel: string): boolean {
    if (this.#topics.has(channel)) return this.#joined.get(channel) !== true;
    return this.#joined.has(channel);
  }

  async #join(channels: readonly string[]): Promise<void> {
    for (const channel of channels) this.#joined.set(channel, false);
    await this.#driver.join(channels);
    for (const channel of channels) if (this.#joined.has(channel)) this.#joined.set(channel, true);
  }

  async #leave(channel: string): Promise<void> {
    this.#joined.delete(channel);
    try {
      await this.#driver.leave([channel]);
    } catch {
      // Of an engine that is gone, or does not want to: nobody listens any more.
    }
  }

  /** A connection that knows of no channel, or of those that the client has restored by itself. */
  restore(): void {
    for (const channel of this.#joined.keys()) {
      if (!this.#topics.has(channel)) this.settle(channel).catch(() => undefined);
    }
    // What the engine refuses shows in the probe, or has shown to who subscribed.
    for (const some of portions([...this.#topics.keys()])) this.#join(some).catch(() => undefined);
  }

  /** Makes good what changed while the engine did not answer; false when nothing did. */
  catchUp(): boolean {
    const due = [...new Set([...this.#topics.keys(), ...this.#joined.keys()])].filter((channel) =>
      this.#isDue(channel),
    );
    for (const channel of due) this.settle(channel).catch(() => undefined);
    return due.length > 0;
  }

  /** Resolves when nothing is under way that is under way now. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay.values());
  }

  clear(): void {
    this.#topics.clear();
    this.#joined.clear();
  }
}
