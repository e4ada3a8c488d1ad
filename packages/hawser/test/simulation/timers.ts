// The timers of the platform in simulated time. What the library asks for while they are installed is due by the
// simulated clock, on the host whose task asks; how many there are is what an oracle wants to know.

import type { Clock, Task } from "./clock.ts";

const names = [
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
  "setImmediate",
] as const;

type Timers = Pick<typeof globalThis, (typeof names)[number]>;

class Timer {
  readonly #timers: SimulatedTimers;
  readonly #run: () => void;
  readonly #delayMs: number;
  readonly #repeats: boolean;
  readonly #host: Clock["host"];
  #task: Task | undefined;

  constructor(timers: SimulatedTimers, run: () => void, delayMs: number, repeats: boolean) {
    this.#timers = timers;
    this.#run = run;
    this.#delayMs = Math.max(1, delayMs);
    this.#repeats = repeats;
    this.#host = timers.clock.host;
    this.refresh();
  }

  /** A process is not what is simulated: there is nothing to keep alive. */
  unref(): this {
    return this;
  }

  refresh(): this {
    this.close();
    this.#timers.live.add(this);
    this.#task = this.#timers.clock.after(this.#delayMs, () => this.#due(), this.#host);
    return this;
  }

  close(): void {
    if (this.#task !== undefined) this.#timers.clock.cancel(this.#task);
    this.#timers.live.delete(this);
  }

  /** As in Node, one that repeats counts from when it ran, and has no turns to make up for. */
  #due(): void {
    if (this.#repeats) this.refresh();
    else this.#timers.live.delete(this);
    this.#run();
  }
}

export class SimulatedTimers {
  readonly clock: Clock;
  /** Those that are still to run. */
  readonly live: Set<Timer> = new Set();

  readonly #immediates = new Set<Task>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Runs what is to run at once: what the library has put off would be missing in the next world. */
  runImmediates(): void {
    for (const { run } of this.#immediates) run?.();
    this.#immediates.clear();
  }

  /** Puts them in the place of the platform's; what it returns puts those back. */
  install(): () => void {
    const clear = (timer: Timer | undefined): void => timer?.close();
    const simulated = {
      setTimeout: (run: () => void, ms = 1) => new Timer(this, run, ms, false),
      setInterval: (run: () => void, ms = 1) => new Timer(this, run, ms, true),
      setImmediate: (run: () => void) => this.#immediates.add(this.clock.after(0, run)),
      clearTimeout: clear,
      clearInterval: clear,
    } as unknown as Timers;
    const platform = Object.fromEntries(names.map((name) => [name, globalThis[name]]));
    Object.assign(globalThis, simulated);
    return () => void Object.assign(globalThis, platform);
  }
}
