// `/ping`: how long the answer takes. Pongs that answer no ping of the user's, as those of the heartbeat, are nobody's.

import type { Connection } from "hawser";

export class Pings {
  readonly #tell: (text: string) => void;
  readonly #sent = new Map<string, number>();

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  /** @throws UsageError for a payload that is too long */
  send(ws: Connection, payload: string): void {
    ws.ping(payload);
    this.#sent.set(payload, performance.now());
  }

  answered(payload: string): void {
    const sentAt = this.#sent.get(payload);
    if (sentAt === undefined) return;
    this.#sent.delete(payload);
    const tookMs = (performance.now() - sentAt).toFixed(1);
    this.#tell(`pong${payload && ` ${payload}`} after ${tookMs} ms`);
  }
}
