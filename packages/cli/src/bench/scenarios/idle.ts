// Connections that say nothing: how many the server holds, whether it keeps them, and, by a Ping on each at the end,
// whether they are alive still.

import type { Connection } from "hawser";
import type { Scenario, Surroundings } from "./scenario.ts";

/** So many Pings are under way at a time: a burst of them all would measure itself. */
const pingsUnderWay = 16;

export class Idle implements Scenario {
  readonly #around: Surroundings;
  readonly #connections = new Set<Connection>();
  /** Those that were not pinged yet. */
  #toPing: Connection[] = [];
  /** When the Ping of each was sent that was not answered yet. */
  readonly #pinged = new Map<Connection, number>();
  #isEnding = false;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  async open(): Promise<void> {
    const { share, opener } = this.#around;
    await opener.openAll(share.connections, () => this.#openOne());
  }

  go(): void {}

  check(nowMicros: number): void {
    const { share, meter } = this.#around;
    for (const [ws, sinceMicros] of this.#pinged) {
      if (nowMicros - sinceMicros < share.timeoutMs * 1000) continue;
      meter.tally.stalls++;
      meter.tally.lost++;
      this.#pinged.delete(ws);
      this.#pingNext();
    }
  }

  stop(): void {
    this.#toPing = [...this.#connections];
    for (let i = 0; i < pingsUnderWay; i++) this.#pingNext();
  }

  isAtRest(): boolean {
    return this.#pinged.size === 0 && this.#toPing.length === 0;
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    const closed = [...this.#connections].map((ws) => {
      ws.close(1000);
      return ws.closed;
    });
    await Promise.all(closed);
  }

  async #openOne(): Promise<void> {
    const { opener, meter } = this.#around;
    const ws = await opener.open({
      message: () => {
        meter.tally.unknown++;
      },
      pong: (self) => this.#ponged(self),
      close: (self, code, reason) => {
        meter.open--;
        this.#connections.delete(self);
        if (this.#isEnding) return;
        if (this.#pinged.delete(self)) {
          meter.tally.lost++;
          this.#pingNext();
        }
        meter.dropped(code, reason);
      },
    });
    if (ws !== undefined && ws.state === "open") this.#connections.add(ws);
  }

  #pingNext(): void {
    const { meter, clock } = this.#around;
    for (let ws = this.#toPing.pop(); ws !== undefined; ws = this.#toPing.pop()) {
      if (!ws.ping()) continue;
      this.#pinged.set(ws, clock.now());
      meter.tally.sent++;
      return;
    }
  }

  #ponged(ws: Connection): void {
    const { meter, clock } = this.#around;
    const sinceMicros = this.#pinged.get(ws);
    if (sinceMicros === undefined) return;
    this.#pinged.delete(ws);
    meter.tally.received++;
    meter.took(clock.now() - sinceMicros);
    this.#pingNext();
  }
}
