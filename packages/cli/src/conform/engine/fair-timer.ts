// A timer for the peer's time. When the tester itself stood still, the peer may have answered long ago
// and could not be heard: then it gets its time again.

/** How late a timer may fire, in milliseconds, before the tester counts as having stood still. */
const lateMs = 100;

export class FairTimer {
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number, over: () => void) {
    this.#start(limitMs, over);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #start(limitMs: number, over: () => void): void {
    const due = performance.now() + limitMs;
    this.#timer = setTimeout(() => {
      if (performance.now() - due > lateMs) this.#start(limitMs, over);
      else over();
    }, limitMs);
  }
}
