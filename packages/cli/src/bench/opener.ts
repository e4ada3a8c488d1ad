// Opens connections: so many at a time, or spread over the time of a ramp.

import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, connect, type ConnectOptions } from "hawser";
import type { Clock } from "./clock.ts";
import { record } from "./latency.ts";
import type { Meter } from "./meter.ts";
import type { Share } from "./plan.ts";

/** What is queued on a connection is bounded by what is under way, and not by hawser. */
const limits: ConnectOptions = {
  binaryViews: true,
  pingIntervalMs: 0,
  maxQueuedBytes: 2 ** 40,
  highWaterBytes: 256 * 1024,
};

export interface OpenerOptions {
  readonly share: Share;
  readonly clock: Clock;
  readonly meter: Meter;
}

export class Opener {
  readonly #share: Share;
  readonly #clock: Clock;
  readonly #meter: Meter;
  readonly #stop: AbortController = new AbortController();
  readonly #limits: ConnectOptions;

  constructor({ share, clock, meter }: OpenerOptions) {
    this.#share = share;
    this.#clock = clock;
    this.#meter = meter;
    setMaxListeners(0, this.#stop.signal);
    const largest = Math.max(...share.sizes);
    this.#limits = { ...share.connect, ...limits, maxMessageBytes: Math.max(largest, 2 ** 26) };
  }

  /** Of the connection that was opened last. */
  extensions = "";

  get isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Opens no more, and gives up what is being opened. */
  stop(): void {
    this.#stop.abort();
  }

  /** Opens `count` connections with `openOne`, which resolves in any case. */
  async openAll(count: number, openOne: (index: number) => Promise<unknown>): Promise<void> {
    const { rampMs, opening } = this.#share;
    const start = this.#clock.now();
    let next = 0;
    const openSome = async (): Promise<void> => {
      while (next < count && !this.isStopped) {
        const index = next++;
        const dueMicros = start + (rampMs * 1000 * index) / count;
        // oxlint-disable-next-line no-await-in-loop
        await this.#until(dueMicros);
        // oxlint-disable-next-line no-await-in-loop
        if (!this.isStopped) await openOne(index);
      }
    };
    await Promise.all(Array.from({ length: Math.min(opening, count) }, openSome));
  }

  /** A connection; undefined, and counted, when there is none. */
  async open<Data>(options: ConnectOptions<Data>): Promise<Connection<Data> | undefined> {
    const { tally, handshakes } = this.#meter;
    const start = this.#clock.now();
    try {
      const ws = await connect<Data>(this.#share.url, {
        ...(this.#limits as ConnectOptions<Data>),
        ...options,
        error: (error) => this.#meter.problem(wordsOf(error)),
        signal: this.#stop.signal,
      });
      record(handshakes, this.#clock.now() - start);
      tally.opened++;
      this.#meter.open++;
      this.extensions = ws.extensions;
      return ws;
    } catch (error) {
      if (this.isStopped) return undefined;
      tally.failed++;
      this.#meter.problem(wordsOf(error));
      return undefined;
    }
  }

  async #until(dueMicros: number): Promise<void> {
    const waitMs = (dueMicros - this.#clock.now()) / 1000;
    if (waitMs < 1) return;
    await sleep(waitMs, undefined, { signal: this.#stop.signal }).catch(() => {});
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
