// Topics of one process: who is subscribed to what. A publication is encoded once, and the same bytes
// go to every subscriber that can take them. With a relay they reach other processes, too.

import { CloseCode, LimitError, type Message } from "../protocol/index.ts";
import {
  Publication,
  type PublishOptions,
  type Recipient,
  type SharedEncoders,
} from "./publication.ts";
import type { Relay } from "./relay.ts";

/** What a topic does with a subscriber. */
export interface Subscriber extends Recipient {
  /** Its topics; undefined while it has none, because most connections of some servers never do. */
  topics: Set<string> | undefined;
}

export class Topics {
  readonly #subscribers = new Map<string, Set<Subscriber>>();
  readonly #encoders: SharedEncoders = new Map();
  readonly #maxSubscriptions: number;
  /** Set once, before the first subscriber; undefined when topics end at this process. */
  relay: Relay | undefined;

  constructor(maxSubscriptions: number) {
    this.#maxSubscriptions = maxSubscriptions;
  }

  /** How many topics have a subscriber. */
  get size(): number {
    return this.#subscribers.size;
  }

  /** How many are subscribed to the topic. */
  count(topic: string): number {
    return this.#subscribers.get(topic)?.size ?? 0;
  }

  /**
   * @throws LimitError HAWSER_TOO_MANY_SUBSCRIPTIONS, and as `Relay.subscribe`
   * @throws UsageError as `Relay.subscribe`
   */
  subscribe(topic: string, subscriber: Subscriber): void {
    const topics = (subscriber.topics ??= new Set());
    if (topics.has(topic)) return;
    if (topics.size >= this.#maxSubscriptions) {
      throw new LimitError(
        "HAWSER_TOO_MANY_SUBSCRIPTIONS",
        `a connection may be subscribed to ${this.#maxSubscriptions} topics: unsubscribe first, or raise maxSubscriptions`,
        this.#maxSubscriptions,
        topics.size + 1,
        CloseCode.policyViolation,
      );
    }
    const subscribers = this.#subscribers.get(topic);
    if (subscribers === undefined) {
      this.relay?.subscribe(topic);
      this.#subscribers.set(topic, new Set([subscriber]));
    } else subscribers.add(subscriber);
    topics.add(topic);
  }

  unsubscribe(topic: string, subscriber: Subscriber): void {
    if (subscriber.topics?.delete(topic) !== true) return;
    const subscribers = this.#subscribers.get(topic) as Set<Subscriber>;
    subscribers.delete(subscriber);
    if (subscribers.size > 0) return;
    this.#subscribers.delete(topic);
    this.relay?.unsubscribe(topic);
  }

  unsubscribeAll(subscriber: Subscriber): void {
    for (const topic of subscriber.topics ?? []) this.unsubscribe(topic, subscriber);
  }

  /**
   * Sends to all subscribers but `except`, on all nodes; returns to how many on this one.
   *
   * @throws LimitError, UsageError as `Relay.checkTopic`
   */
  publish(topic: string, message: Message, options: PublishOptions, except?: Subscriber): number {
    this.relay?.checkTopic(topic);
    const sent = this.deliver(topic, message, options, except);
    this.relay?.publish(topic, message, options);
    return sent;
  }

  /** Sends to all subscribers but `except` of this process; returns to how many. */
  deliver(topic: string, message: Message, options: PublishOptions, except?: Subscriber): number {
    const subscribers = this.#subscribers.get(topic);
    if (subscribers === undefined) return 0;
    const publication = new Publication(this.#encoders, message, options);
    let sent = 0;
    for (const subscriber of subscribers) {
      if (subscriber === except) continue;
      publication.sendTo(subscriber);
      sent++;
    }
    return sent;
  }
}
