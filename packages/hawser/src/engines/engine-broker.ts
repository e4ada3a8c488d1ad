// A broker on the client of an engine. One rule: the engine is there when a message to ourselves comes back, and
// for no other reason. A connection that breaks says at once that it is away; only a probe says that it is back,
// and it is sent behind the subscriptions that had to be restored.

import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import type { Broker, BrokerHealth, BrokerLimits, BrokerListener, BrokerState } from "./broker.ts";
import { BrokerError } from "./broker-error.ts";
import { escapeTopic } from "./channel-name.ts";
import type { EngineDriver } from "./driver.ts";
import { Listeners } from "./listeners.ts";
import { type BrokerOptions, type ResolvedBrokerOptions, resolveBrokerOptions } from "./options.ts";
import { PendingPublications } from "./pending-publications.ts";

type Watcher = Parameters<Broker["watch"]>[0];

/** How many channels are joined again by one command. */
const joinedAtOnce = 500;

function* portions(channels: readonly string[]): Iterable<readonly string[]> {
  for (let start = 0; start < channels.length; start += joinedAtOnce) {
    yield channels.slice(start, start + joinedAtOnce);
  }
}

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
  /** Channel → topic, of what is listened to. */
  readonly #topics = new Map<string, string>();
  /** Channels that the driver was told to join, and not yet to leave: some clients restore them by themselves. */
  readonly #joined = new Set<string>();
  readonly #watchers = new Set<Watcher>();
  readonly #pending: PendingPublications;
  readonly #probeChannel: string;
  #state: BrokerState = "starting";
  #error: BrokerError | undefined;
  #probe: Probe | undefined;
  #probes = 0;
  #timer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  /** @throws UsageError HAWSER_OPTION_INVALID */
  constructor(driver: EngineDriver, options: BrokerOptions) {
    this.#driver = driver;
    this.#options = resolveBrokerOptions(options);
    this.#pending = new PendingPublications(this.#options.maxPendingBytes);
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
    const topic = this.#topics.get(channel);
    if (topic !== undefined) this.#listeners.deliver(topic, content);
  }

  // ---- Subscriptions

  async subscribe(topic: string, listener: BrokerListener): Promise<void> {
    if (this.#state === "closed") throw new BrokerError("HAWSER_BROKER_CLOSED", { topic });
    const channel = this.#name("t", escapeTopic(topic));
    this.#topics.set(channel, topic);
    this.#listeners.add(topic, listener);
    const unavailable = this.#unavailable(topic);
    if (unavailable !== undefined) throw unavailable;
    try {
      await this.#join([channel]);
    } catch (cause) {
      throw this.#unavailable(topic) ?? new BrokerError("HAWSER_BROKER_REFUSED", { topic, cause });
    }
  }

  async unsubscribe(topic: string, listener: BrokerListener): Promise<void> {
    if (!this.#listeners.remove(topic, listener)) return;
    const channel = this.#name("t", escapeTopic(topic));
    this.#topics.delete(channel);
    if (this.#driver.isConnected) await this.#leave([channel]);
  }

  #join(channels: readonly string[]): Promise<unknown> {
    for (const channel of channels) this.#joined.add(channel);
    return this.#driver.join(channels);
  }

  async #leave(channels: readonly string[]): Promise<void> {
    for (const channel of channels) this.#joined.delete(channel);
    await this.#driver.leave(channels).catch(() => undefined);
  }

  #restore(): void {
    if (this.#state === "closed") return;
    const left = [...this.#joined].filter((channel) => !this.#topics.has(channel));
    for (const some of portions(left)) void this.#leave(some);
    // What the engine refuses shows in the probe, or has shown in `subscribe`.
    for (const some of portions([...this.#topics.keys()])) this.#join(some).catch(() => undefined);
    // A probe from before proves nothing of this connection; who waits for it gets what the next one finds.
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
    void this.#send(probe);
    this.#timer = setTimeout(() => {
      this.#away(new Error(`no probe came back within ${this.#options.probeTimeoutMs} ms`));
    }, this.#options.probeTimeoutMs).unref();
    return probe;
  }

  /** Joined again each time: its confirmation comes behind those of all subscriptions before it. */
  async #send(probe: Probe): Promise<void> {
    if (!this.#driver.isConnected) return;
    try {
      await this.#driver.join([this.#probeChannel]);
      if (this.#probe !== probe) return;
      await this.#driver.publish(this.#probeChannel, Buffer.from(probe.content));
    } catch (cause) {
      if (this.#probe === probe) this.#away(cause);
    }
  }

  #probeCameBack(content: string): void {
    const probe = this.#probe;
    if (probe === undefined || probe.content !== content) return;
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
    this.#change("away");
    this.#pending.giveUp();
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
    this.#listeners.clear();
    this.#topics.clear();
    this.#joined.clear();
    await this.#driver.end().catch(() => undefined);
  }
}
