// Some connections send, all others listen and get a copy of each message. Without a rate a publisher has always so
// many messages under way that not all listeners have yet; each worker says how far its listeners are.

import type { Connection } from "hawser";
import { Pacer } from "../pacer.ts";
import { Payloads } from "../payloads.ts";
import { SequenceCheck } from "../sequence-check.ts";
import { patienceEnd, type Scenario, type Surroundings } from "./scenario.ts";
import { Sender } from "./sender.ts";

/** The number of the first publisher's connection; listeners send nothing and need none. */
const firstPublisher = 2 ** 31;

interface Listener {
  /** One for each publisher. */
  readonly checks: readonly SequenceCheck[];
  ws: Connection<Listener> | undefined;
  /** Since when nothing has come, though something is owed. */
  waitingSince: number;
  /** When a message came last. */
  heardAt: number;
  unreadable: number;
}

class Publisher extends Sender {
  readonly index: number;
  readonly #published: Int32Array;

  constructor(index: number, published: Int32Array, { clock, meter }: Surroundings, all: Payloads) {
    super(firstPublisher + index, all, meter, clock);
    this.index = index;
    this.#published = published;
  }

  override send(fromMicros: number, nowMicros: number): boolean {
    // Before it is sent: a listener in another thread may have it at once.
    Atomics.store(this.#published, this.index, this.sent + 1);
    return super.send(fromMicros, nowMicros);
  }
}

/** How many of this worker's listeners have the messages of one publisher that not all have. */
class Progress {
  readonly #counts: Uint32Array;
  /** All below are done. */
  below = 0;

  constructor(inFlight: number) {
    this.#counts = new Uint32Array(2 * inFlight + 2);
  }

  /** One more listener has it; true when all of them have. */
  count(sequence: number, listeners: number): boolean {
    if (sequence < this.below) return false;
    const index = sequence % this.#counts.length;
    const count = (this.#counts[index] as number) + 1;
    this.#counts[index] = count;
    if (count < listeners) return false;
    // They come in order: nobody is going to have those before.
    this.reach(sequence + 1);
    return true;
  }

  reach(below: number): void {
    const from = Math.max(this.below, below - this.#counts.length);
    for (let i = from; i < below; i++) this.#counts[i % this.#counts.length] = 0;
    this.below = below;
  }
}

export class FanOut implements Scenario {
  readonly #around: Surroundings;
  readonly #payloads: Payloads;
  readonly #listeners = new Set<Listener>();
  readonly #senders: Publisher[] = [];
  readonly #progress: readonly Progress[];
  /** Of each publisher, how far the listeners of each worker are. */
  readonly #reached: readonly number[][];
  readonly #publishers: number;
  #pacer: Pacer | undefined;
  #isSending = false;
  #isEnding = false;

  constructor(around: Surroundings) {
    this.#around = around;
    const { sizes, isText, isCompressed, seed, inFlight, workers, published } = around.share;
    this.#payloads = new Payloads({ sizes, isText, isReused: !isCompressed, seed });
    this.#publishers = published.length;
    const each = Array.from({ length: this.#publishers });
    this.#progress = each.map(() => new Progress(inFlight));
    this.#reached = each.map(() => Array.from({ length: workers }, () => 0));
  }

  async open(): Promise<void> {
    const { share, opener } = this.#around;
    await opener.openAll(share.connections, () => this.#openListener());
    for (let index = 0; index < share.publishers && !opener.isStopped; index++) {
      // oxlint-disable-next-line no-await-in-loop
      await this.#openPublisher(index);
    }
  }

  go(): void {
    const { share, clock } = this.#around;
    this.#isSending = true;
    for (const listener of this.#listeners) listener.waitingSince = clock.now();
    if (share.rate === undefined) return this.#fillAll();
    const { rate, isSpinning } = share;
    const slots = this.#senders.length;
    this.#pacer = new Pacer({ rate, slots, isSpinning, send: this.#sendDue }, clock);
  }

  check(nowMicros: number): void {
    const { share, meter } = this.#around;
    for (const listener of this.#listeners) {
      if (!this.#owes(listener)) listener.waitingSince = nowMicros;
      if (nowMicros - listener.waitingSince < share.timeoutMs * 1000) continue;
      if (this.#isSending) meter.tally.stalls++;
      listener.waitingSince = nowMicros;
      for (const [publisher, check] of listener.checks.entries()) {
        check.giveUp(this.#published(publisher));
      }
      this.#giveUpAll();
    }
    // Whoever has no listener waits for nobody.
    if (this.#listeners.size === 0) this.#giveUpAll();
  }

  stop(): void {
    this.#isSending = false;
    this.#pacer?.stop();
    for (const sender of this.#senders) sender.dropBacklog(patienceEnd(this.#around));
  }

  isAtRest(nowMicros: number): boolean {
    const patience = this.#around.share.timeoutMs * 1000;
    for (const listener of this.#listeners) {
      if (this.#owes(listener)) return false;
      const isComplete = this.#missing(listener) <= listener.unreadable;
      if (!isComplete && nowMicros - listener.heardAt < patience) return false;
    }
    return true;
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    for (const listener of this.#listeners) this.#countLost(listener);
    const closed: Promise<unknown>[] = [];
    for (const { ws } of [...this.#listeners, ...this.#senders]) {
      if (ws === undefined) continue;
      ws.close(1000);
      closed.push(ws.closed);
    }
    await Promise.all(closed);
  }

  delivered(publisher: number, below: number, worker: number): void {
    const reached = this.#reached[publisher] as number[];
    if (below <= (reached[worker] as number)) return;
    reached[worker] = below;
    this.#fill(publisher);
  }

  async #openListener(): Promise<void> {
    const { opener, meter } = this.#around;
    const checks = this.#progress.map(() => new SequenceCheck());
    const listener: Listener = {
      checks,
      ws: undefined,
      waitingSince: 0,
      heardAt: 0,
      unreadable: 0,
    };
    this.#listeners.add(listener);
    listener.ws = await opener.open<Listener>({
      data: listener,
      message: (self, message) => this.#receive(self.data, message),
      close: (self, code, reason) => {
        meter.open--;
        if (this.#isEnding) return;
        meter.dropped(code, reason);
        this.#countLost(self.data);
        this.#listeners.delete(self.data);
      },
    });
    if (listener.ws === undefined) this.#listeners.delete(listener);
  }

  async #openPublisher(index: number): Promise<void> {
    const { opener, meter, share } = this.#around;
    const sender = new Publisher(index, share.published, this.#around, this.#payloads);
    sender.ws = await opener.open<Publisher>({
      data: sender,
      // Some servers send a message back to who sent it, and some don't: both will do.
      message: () => {},
      drain: (self) => {
        self.data.drained();
      },
      close: (_self, code, reason) => {
        meter.open--;
        if (!this.#isEnding) meter.dropped(code, reason);
      },
    });
    if (sender.ws !== undefined) this.#senders.push(sender);
  }

  readonly #sendDue = (slot: number, dueMicros: number): void => {
    this.#senders[slot]?.sendDue(dueMicros);
  };

  #fillAll(): void {
    for (let publisher = 0; publisher < this.#publishers; publisher++) this.#fill(publisher);
  }

  #fill(publisher: number): void {
    const { inFlight, rate } = this.#around.share;
    const sender = this.#senders.find(({ index }) => index === publisher);
    if (rate !== undefined || sender === undefined || sender.ws?.state !== "open") return;
    const end = Math.min(...(this.#reached[publisher] as number[])) + inFlight;
    while (this.#isSending && sender.sent < end) {
      const now = this.#around.clock.now();
      sender.send(now, now);
    }
  }

  #published(publisher: number): number {
    return Atomics.load(this.#around.share.published, publisher);
  }

  #owes(listener: Listener): boolean {
    return listener.checks.some((check, publisher) => check.next < this.#published(publisher));
  }

  #receive(listener: Listener, message: string | Buffer): void {
    const { meter, clock } = this.#around;
    const { tally } = meter;
    const payloads = this.#payloads;
    const now = clock.now();
    const verdict = payloads.read(message);
    if (verdict === "unknown") {
      tally.unknown++;
      return;
    }
    if (verdict !== "intact") tally.altered++;
    if (verdict === "unreadable") {
      listener.unreadable++;
      return;
    }
    const publisher = payloads.connection - firstPublisher;
    const check = listener.checks[publisher];
    if (check === undefined) {
      tally.misdelivered++;
      return;
    }
    listener.waitingSince = now;
    listener.heardAt = now;
    const { sequence } = payloads;
    const arrival = check.receive(sequence, this.#published(publisher));
    if (arrival === "duplicate") tally.duplicated++;
    else if (arrival === "unsent") tally.unknown++;
    else {
      if (arrival === "reordered") tally.reordered++;
      if (arrival === "late") tally.late++;
      tally.received++;
      meter.took(payloads.ageMicros(now));
      this.#count(publisher, sequence);
    }
  }

  #count(publisher: number, sequence: number): void {
    if (this.#around.share.rate !== undefined) return;
    const progress = this.#progress[publisher] as Progress;
    if (progress.count(sequence, this.#listeners.size)) this.#tell(publisher, progress.below);
  }

  /** Waits for nothing that was sent so far. */
  #giveUpAll(): void {
    for (const [publisher, progress] of this.#progress.entries()) {
      const below = this.#published(publisher);
      if (below <= progress.below) continue;
      progress.reach(below);
      this.#tell(publisher, below);
    }
  }

  #tell(publisher: number, below: number): void {
    const { report, share } = this.#around;
    if (share.worker === 0) this.delivered(publisher, below, 0);
    else report({ type: "delivered", publisher, below });
  }

  #missing({ checks }: Listener): number {
    return checks.reduce((sum, check, index) => sum + check.missing(this.#published(index)), 0);
  }

  #countLost(listener: Listener): void {
    this.#around.meter.tally.lost += Math.max(0, this.#missing(listener) - listener.unreadable);
  }
}
