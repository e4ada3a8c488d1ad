// A broker on the client of an engine. One rule: the engine is there when a message to ourselves comes back, and
// for no other reason. A connection that breaks says at once that it is away; only a probe says that it is back,
// and it is sent behind the subscriptions that had to be restored.

import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import type { Broker, BrokerHealth, BrokerLimits, BrokerListener, BrokerState } from "./broker.ts";
import { BrokerError } from "./broker-error.ts";
import { escapeTopic } from "./channel-name.ts";
import { Channels } from "./channels.ts";
import type { EngineDriver } from "./driver.ts";
import { Listeners } from "./listeners.ts";
import { type BrokerOptions, type ResolvedBrokerOptions, resolveBrokerOptions } from "./options.ts";
import { PendingPublications } from "./pending-publications.ts";

type Watcher = Parameters<Broker["watch"]>[0];

/** A probe that is under way. */
interface Probe {
  readonly sentAt: number;
  /** What it says, to be told from those before it. */
  readonly content: string;
  readonly found: Promise<BrokerHealth>;
  settle(health: BrokerHealth): void;
}

export class EngineBroker implements Broker {
  readonly #driver: EngineDriver;
  readonly #options: ResolvedBrokerOptions;
  readonly #listeners = new Listeners();
  readonly #channels: Channels;
  readonly #watchers = new Set<Watcher>();
  readonly #pending: PendingPublications;
  readonly #probeChannel: string;
  #state: BrokerState = "starting";
  #error: BrokerError | undefined;
  #probe: Probe | undefined;
  #probes = 0;
  /** The asking for a probe that is under way: one at a time, or an engine that is stopped would be asked without end. */
  #asking: object | undefined;
  /** Whether it has not answered since a probe was given up. */
  #isSilent = false;
  /** Ends the waiting of those who subscribe. */
  readonly #waiting = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  /** @throws UsageError HAWSER_OPTION_INVALID */
  constructor(driver: EngineDriver, options: BrokerOptions) {
    this.#driver = driver;
    this.#options = resolveBrokerOptions(options);
    this.#pending = new PendingPublications(this.#options.maxPendingBytes);
    this.#channels = new Channels(driver, () => driver.isConnected && !this.#isSilent);
    this.#probeChannel = this.#name("p", randomBytes(12).toString("hex"));
    driver.start({
      message: (channel, content) => this.#receive(channel, content),
      connected: () => this.#restore(),
      disconnected: (cause) => this.#away(cause),
    });
    if (driver.isConnected) this.#restore();
    else this.#probeLater();
  }

  get limits(): BrokerLimits {
    const { maxTopicBytes, maxTopics, maxContentBytes } = this.#options;
    const ofEngine = this.#driver.maxContentBytes ?? maxContentBytes;
    return { maxTopicBytes, maxTopics, maxContentBytes: Math.min(maxContentBytes, ofEngine) };
  }

  get state(): BrokerState {
    return this.#state;
  }

  #name(kind: "t" | "p", rest: string): string {
    return [this.#options.prefix, kind, rest].join(this.#driver.separator);
  }

  #unavailable(topic?: string): BrokerError | undefined {
    const about = topic === undefined ? {} : { topic };
    if (this.#state === "closed") return new BrokerError("HAWSER_BROKER_CLOSED", about);
    if (this.#state !== "away" && this.#driver.isConnected) return undefined;
    return new BrokerError("HAWSER_BROKER_AWAY", { ...about, cause: this.#error?.cause });
  }

  // ---- Publications

  async publish(topic: string, content: Buffer): Promise<void> {
    const unavailable = this.#unavailable(topic);
    if (unavailable !== undefined) throw unavailable;
    const channel = this.#name("t", escapeTopic(topic));
    const { maxContentBytes } = this.limits;
    if (content.length > maxContentBytes) {
      const more = `${content.length} bytes, and ${maxContentBytes} are allowed`;
      throw new BrokerError("HAWSER_BROKER_TOO_BIG", { topic, more });
    }
    return this.#pending.add(
      topic,
      content.length,
      () => this.#driver.publish(channel, content),
      () => this.#driver.isConnected,
    );
  }

  #receive(channel: string, content: Buffer): void {
    if (channel === this.#probeChannel) this.#probeCameBack(content.toString("latin1"));
    const topic = this.#channels.topicOf(channel);
    if (topic !== undefined) this.#listeners.deliver(topic, content);
  }

  // ---- Subscriptions

  async subscribe(topic: string, listener: BrokerListener): Promise<void> {
    if (this.#state === "closed") throw new BrokerError("HAWSER_BROKER_CLOSED", { topic });
    const channel = this.#name("t", escapeTopic(topic));
    this.#channels.want(channel, topic);
    this.#listeners.add(topic, listener);
    const unavailable = this.#unavailable(topic);
    if (unavailable !== undefined) throw unavailable;
    try {
      await this.#unlessAway(this.#channels.settle(channel));
    } catch (cause) {
      throw this.#unavailable(topic) ?? new BrokerError("HAWSER_BROKER_REFUSED", { topic, cause });
    }
  }

  /** The promise; rejects when the engine goes away before. */
  #unlessAway(promise: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => reject(new Error("the engine went away"));
      this.#waiting.add(giveUp);
      const settle = (): unknown => this.#waiting.delete(giveUp);
      promise.finally(settle).then(resolve, reject);
    });
  }

  async unsubscribe(topic: string, listener: BrokerListener): Promise<void> {
    if (!this.#listeners.remove(topic, listener)) return;
    const channel = this.#name("t", escapeTopic(topic));
    this.#channels.release(channel);
    // What went wrong is for those who subscribe.
    await this.#channels.settle(channel).catch(() => undefined);
  }

  #restore(): void {
    if (this.#state === "closed") return;
    this.#isSilent = false;
    this.#asking = undefined;
    this.#channels.restore();
    // A probe from before proves nothing of this connection.
    this.#probeAgain();
  }

  /** Who waits for a probe gets what the next one finds. */
  #probeAgain(): void {
    const before = this.#probe;
    const next = this.#sendProbe();
    if (before !== undefined) void next.found.then(before.settle);
  }

  // ---- Health

  health(): Promise<BrokerHealth> {
    if (this.#state === "closed") return Promise.resolve(this.#found(undefined));
    return (this.#probe ?? this.#sendProbe()).found;
  }

  #found(roundTripMs: number | undefined): BrokerHealth {
    return { state: this.#state, roundTripMs, error: this.#error };
  }

  #sendProbe(): Probe {
    clearTimeout(this.#timer);
    let settle: (health: BrokerHealth) => void = () => undefined;
    const found = new Promise<BrokerHealth>((resolve) => {
      settle = resolve;
    });
    const probe = { sentAt: performance.now(), content: String(++this.#probes), found, settle };
    this.#probe = probe;
    void this.#ask();
    this.#timer = setTimeout(() => {
      this.#away(new Error(`no probe came back within ${this.#options.probeTimeoutMs} ms`));
    }, this.#options.probeTimeoutMs).unref();
    return probe;
  }

  /** Sends the probe that is wanted, and the next one if that has been given up meanwhile. */
  async #ask(): Promise<void> {
    if (this.#asking !== undefined || !this.#driver.isConnected) return;
    const asking = {};
    this.#asking = asking;
    let sent: Probe | undefined;
    try {
      while (this.#asking === asking && this.#probe !== undefined && this.#probe !== sent) {
        sent = await this.#send(asking);
      }
    } catch (cause) {
      if (this.#asking === asking && this.#probe !== undefined) this.#away(cause);
    } finally {
      if (this.#asking === asking) this.#asking = undefined;
    }
  }

  /** Joins its channel each time: the confirmation comes behind those of all subscriptions before it. */
  async #send(asking: object): Promise<Probe | undefined> {
    await this.#channels.settled();
    await this.#driver.join([this.#probeChannel]);
    const probe = this.#probe;
    // On a connection that came meanwhile it has to be sent behind what is restored there.
    if (probe === undefined || this.#asking !== asking) return undefined;
    await this.#driver.publish(this.#probeChannel, Buffer.from(probe.content));
    return probe;
  }

  #probeCameBack(content: string): void {
    const probe = this.#probe;
    if (probe === undefined || probe.content !== content) return;
    if (this.#isSilent) {
      this.#isSilent = false;
      // Up is what it is when a probe has come back that was sent behind them.
      if (this.#channels.catchUp()) {
        this.#probeAgain();
        return;
      }
    }
    this.#probe = undefined;
    this.#error = undefined;
    this.#change("up");
    probe.settle(this.#found(performance.now() - probe.sentAt));
    this.#probeLater();
  }

  #probeLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.health(), this.#options.probeIntervalMs).unref();
  }

  #away(cause: unknown): void {
    if (this.#state === "closed") return;
    this.#error = new BrokerError("HAWSER_BROKER_AWAY", { cause });
    this.#isSilent = true;
    this.#change("away");
    this.#pending.giveUp();
    for (const giveUp of this.#waiting) giveUp();
    this.#probe?.settle(this.#found(undefined));
    this.#probe = undefined;
    this.#probeLater();
  }

  #change(state: BrokerState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const watcher of this.#watchers) watcher(state, this.#error);
  }

  watch(listener: Watcher): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  // ---- The end

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#change("closed");
    this.#probe?.settle(this.#found(undefined));
    this.#probe = undefined;
    this.#pending.giveUp();
    for (const giveUp of this.#waiting) giveUp();
    this.#listeners.clear();
    this.#channels.clear();
    await this.#driver.end().catch(() => undefined);
  }
}
