// Each connection sends messages that the server sends back: always so many under way, or at a rate.

import type { Connection } from "hawser";
import { Pacer } from "../pacer.ts";
import { Payloads } from "../payloads.ts";
import { SequenceCheck } from "../sequence-check.ts";
import { patienceEnd, type Scenario, type Surroundings } from "./scenario.ts";
import { Sender } from "./sender.ts";

class EchoClient extends Sender {
  readonly check: SequenceCheck = new SequenceCheck();
  /** Since when nothing has come, though something is under way. */
  waitingSince = 0;
  /** Answers that did not say which message they are. */
  unreadable = 0;
  isClosed = false;

  /** Messages that an answer is waited for: those behind the newest answer. */
  get underWay(): number {
    return this.sent - this.check.next;
  }

  override send(fromMicros: number, nowMicros: number): boolean {
    if (this.underWay === 0) this.waitingSince = nowMicros;
    return super.send(fromMicros, nowMicros);
  }
}

export class Echo implements Scenario {
  readonly #around: Surroundings;
  readonly #payloads: Payloads;
  readonly #clients: (EchoClient | undefined)[] = [];
  #pacer: Pacer | undefined;
  #isSending = false;
  #isEnding = false;

  constructor(around: Surroundings) {
    this.#around = around;
    const { sizes, isText, isCompressed, seed } = around.share;
    this.#payloads = new Payloads({ sizes, isText, isReused: !isCompressed, seed });
  }

  async open(): Promise<void> {
    const { share, opener } = this.#around;
    // With a ramp the load grows with the connections; without, all begin at once.
    if (share.rampMs > 0) this.#begin();
    await opener.openAll(share.connections, (index) => this.#openOne(index));
  }

  go(): void {
    if (!this.#isSending) this.#begin();
  }

  check(nowMicros: number): void {
    const patience = this.#around.share.timeoutMs * 1000;
    for (const client of this.#clients) {
      if (client === undefined || client.underWay === 0) continue;
      if (nowMicros - client.waitingSince < patience) continue;
      // Once nobody sends any more, what does not come is lost, and holds nothing up.
      if (this.#isSending) this.#around.meter.tally.stalls++;
      client.check.giveUp(client.sent);
      this.#fill(client, nowMicros);
    }
  }

  stop(): void {
    this.#isSending = false;
    this.#pacer?.stop();
    for (const client of this.#clients) client?.dropBacklog(patienceEnd(this.#around));
  }

  isAtRest(nowMicros: number): boolean {
    const patience = this.#around.share.timeoutMs * 1000;
    return this.#clients.every((client) => {
      if (client === undefined) return true;
      if (client.underWay > 0) return false;
      const isComplete = client.check.missing(client.sent) <= client.unreadable;
      return isComplete || nowMicros - client.waitingSince > patience;
    });
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    const closed: Promise<unknown>[] = [];
    for (const client of this.#clients) {
      if (client?.ws === undefined) continue;
      this.#countLost(client);
      client.ws.close(1000);
      closed.push(client.ws.closed);
    }
    await Promise.all(closed);
  }

  async #openOne(index: number): Promise<void> {
    const { share, opener, meter, clock } = this.#around;
    const number = share.firstConnection + index;
    const client = new EchoClient(number, this.#payloads, meter, clock);
    this.#clients[index] = client;
    const ws = await opener.open<EchoClient>({
      data: client,
      message: (self, message) => this.#receive(self.data, message),
      drain: (self) => {
        self.data.drained();
      },
      close: (self, code, reason) => this.#closed(self, code, reason),
    });
    if (ws === undefined || client.isClosed) {
      this.#clients[index] = undefined;
      return;
    }
    client.ws = ws;
    if (this.#isSending) this.#fill(client, clock.now());
  }

  #begin(): void {
    this.#isSending = true;
    const { share, clock } = this.#around;
    const { rate, connections: slots, isSpinning } = share;
    if (rate !== undefined) {
      this.#pacer = new Pacer(
        { rate, slots, isSpinning, send: (slot, due) => this.#sendDue(slot, due) },
        clock,
      );
      return;
    }
    for (const client of this.#clients) if (client !== undefined) this.#fill(client, clock.now());
  }

  #sendDue(slot: number, dueMicros: number): void {
    const client = this.#clients[slot];
    if (client?.ws !== undefined) client.sendDue(dueMicros);
  }

  /** Sends until as many are under way as there are to be. */
  #fill(client: EchoClient, nowMicros: number): void {
    const { rate, inFlight } = this.#around.share;
    if (rate !== undefined) return;
    if (client.ws === undefined) return;
    while (this.#isSending && client.underWay < inFlight) client.send(nowMicros, nowMicros);
  }

  #receive(client: EchoClient, message: string | Buffer): void {
    const { meter, clock } = this.#around;
    const { tally } = meter;
    const payloads = this.#payloads;
    const now = clock.now();
    const verdict = payloads.read(message);
    if (verdict !== "intact") {
      if (verdict === "unknown") {
        tally.unknown++;
        return;
      }
      tally.altered++;
      if (verdict === "unreadable") {
        client.unreadable++;
        if (client.underWay > 0) client.check.skip();
        return this.#answered(client, now);
      }
    }
    if (payloads.connection !== client.number) {
      tally.misdelivered++;
      return;
    }
    const arrival = client.check.receive(payloads.sequence, client.sent);
    switch (arrival) {
      case "fresh":
        break;
      case "reordered":
        tally.reordered++;
        break;
      case "late":
        tally.late++;
        tally.received++;
        meter.took(payloads.ageMicros(now));
        return this.#answered(client, now);
      case "duplicate":
        tally.duplicated++;
        return;
      case "unsent":
        tally.unknown++;
        return;
    }
    tally.received++;
    meter.took(payloads.ageMicros(now));
    this.#answered(client, now);
  }

  #answered(client: EchoClient, nowMicros: number): void {
    client.waitingSince = nowMicros;
    this.#fill(client, nowMicros);
  }

  #closed(ws: Connection<EchoClient>, code: number, reason: string): void {
    const { meter } = this.#around;
    meter.open--;
    if (this.#isEnding) return;
    meter.dropped(code, reason);
    const client = ws.data;
    client.isClosed = true;
    this.#clients[client.number - this.#around.share.firstConnection] = undefined;
    this.#countLost(client);
  }

  #countLost(client: EchoClient): void {
    const missing = client.check.missing(client.sent);
    this.#around.meter.tally.lost += Math.max(0, missing - client.unreadable);
  }
}
