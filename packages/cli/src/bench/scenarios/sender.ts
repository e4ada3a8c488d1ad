// A connection that sends numbered messages, as many as it is told to; when it takes no more they wait.

import type { Connection } from "hawser";
import type { Clock } from "../clock.ts";
import { record } from "../latency.ts";
import type { Meter } from "../meter.ts";
import type { Payloads } from "../payloads.ts";

/** Messages that were due and wait until the connection takes more. */
const maxBacklog = 100_000;

export class Sender {
  readonly number: number;
  /** How many were sent; also the number of the next one. */
  sent = 0;
  ws: Connection<this> | undefined;
  readonly #payloads: Payloads;
  readonly #meter: Meter;
  readonly #clock: Clock;
  /** When each was due. */
  #backlog: number[] = [];
  #isBlocked = false;

  constructor(number: number, payloads: Payloads, meter: Meter, clock: Clock) {
    this.number = number;
    this.#payloads = payloads;
    this.#meter = meter;
    this.#clock = clock;
  }

  /**
   * Sends at once: how much may be under way is somebody else's business. False when there is no room for more.
   *
   * @param fromMicros what its latency counts from
   */
  send(fromMicros: number, _nowMicros: number): boolean {
    const message = this.#payloads.write(this.number, this.sent, fromMicros);
    const isFree = this.ws?.send(message) === true;
    this.sent++;
    this.#meter.tally.sent++;
    return isFree;
  }

  /** Sends what was due at that time as soon as there is room. */
  sendDue(dueMicros: number): void {
    if (this.#isBlocked) {
      if (this.#backlog.length < maxBacklog) this.#backlog.push(dueMicros);
      else this.#meter.tally.unsent++;
      return;
    }
    const now = this.#clock.now();
    record(this.#meter.lag, now - dueMicros);
    this.#isBlocked = !this.send(dueMicros, now);
  }

  /** There is room again. */
  drained(): void {
    this.#isBlocked = false;
    const backlog = this.#backlog;
    this.#backlog = [];
    for (const dueMicros of backlog) this.sendDue(dueMicros);
  }

  /** What waits still is not sent any more; what was due before that time could not be sent at this rate. */
  dropBacklog(beforeMicros: number): void {
    const overdue = this.#backlog.filter((dueMicros) => dueMicros < beforeMicros);
    this.#meter.tally.unsent += overdue.length;
    this.#backlog = [];
  }
}
