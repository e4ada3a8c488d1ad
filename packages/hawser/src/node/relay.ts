// Topics beyond this process. What is published here has reached the local subscribers before it gets here; this
// takes it to the other nodes, and what comes from them to the local subscribers. Nothing comes twice, nothing out
// of order, and what did not come or may not have arrived is reported: to `error`, and counted.

import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import {
  type Broker,
  BrokerError,
  type BrokerState,
  type Envelope,
  escapeTopic,
  maxKeyBytes,
  parseEnvelope,
  publisherBytes,
  serializeEnvelope,
} from "../engines/index.ts";
import { CloseCode, LimitError, type Message } from "../protocol/index.ts";
import { diagnostics } from "./diagnostics.ts";
import type { PublishOptions } from "./publication.ts";

/** Counts of what went between this node and the others, from its beginning. */
export interface BrokerStats {
  readonly state: BrokerState;
  /** Publications that the engine confirmed. */
  readonly sent: number;
  /** Publications of which it is not known that they reached the engine. */
  readonly failed: number;
  /** Publications of other nodes. */
  readonly received: number;
  /** Those among them that came a second time, or behind a later one: dropped. */
  readonly repeated: number;
  /** How many times publications of another node were missing before one that came. */
  readonly gaps: number;
}

/** Takes a publication of another node to the subscribers of this one. */
export type Deliver = (topic: string, message: Message, options: PublishOptions) => void;

type Report = (error: BrokerError) => void;

/** Publishers that are remembered for each topic; what is forgotten is taken for new. */
const maxPublishers = 256;
/** Topics whose last publication is remembered, so that other nodes can see gaps. */
const maxPublishedTopics = 16_384;

/** A topic that somebody here is subscribed to. */
interface Subscription {
  readonly listener: (content: Buffer) => void;
  /** The last number that came from each publisher. */
  readonly last: Map<string, number>;
}

export class Relay {
  readonly #broker: Broker;
  readonly #deliver: Deliver;
  readonly #report: Report;
  readonly #publisher: string = randomBytes(publisherBytes).toString("latin1");
  readonly #subscriptions = new Map<string, Subscription>();
  /** The number of the last publication to each topic. */
  readonly #published = new Map<string, number>();
  readonly #unwatch: () => void;
  #number = 0;
  #sent = 0;
  #failed = 0;
  #received = 0;
  #repeated = 0;
  #gaps = 0;
  #sawMalformed = false;

  constructor(broker: Broker, deliver: Deliver, report: Report) {
    this.#broker = broker;
    this.#deliver = deliver;
    this.#report = report;
    this.#unwatch = broker.watch((state, error) => {
      if (diagnostics.broker.hasSubscribers) diagnostics.broker.publish({ broker, state, error });
      if (state === "away" && error !== undefined) report(error);
    });
  }

  stats(): BrokerStats {
    return {
      state: this.#broker.state,
      sent: this.#sent,
      failed: this.#failed,
      received: this.#received,
      repeated: this.#repeated,
      gaps: this.#gaps,
    };
  }

  /**
   * Before the first subscriber of a topic.
   *
   * @throws LimitError HAWSER_TOPIC_TOO_LONG, HAWSER_TOO_MANY_TOPICS
   * @throws UsageError HAWSER_TOPIC_INVALID
   */
  subscribe(topic: string): void {
    this.checkTopic(topic);
    const { maxTopics } = this.#broker.limits;
    if (this.#subscriptions.size >= maxTopics) {
      throw new LimitError(
        "HAWSER_TOO_MANY_TOPICS",
        `this node may be subscribed to ${maxTopics} topics: raise the broker's maxTopics, or use fewer`,
        maxTopics,
        maxTopics + 1,
        CloseCode.policyViolation,
      );
    }
    const last = new Map<string, number>();
    const listener = (content: Buffer): void => this.#receive(topic, last, content);
    this.#subscriptions.set(topic, { listener, last });
    this.#broker.subscribe(topic, listener).catch((error: BrokerError) => {
      // That the engine is away has been reported, and it is subscribed when it is back.
      if (error.code !== "HAWSER_BROKER_AWAY") this.#report(error);
    });
  }

  /** After the last subscriber. */
  unsubscribe(topic: string): void {
    const subscription = this.#subscriptions.get(topic);
    if (subscription === undefined) return;
    this.#subscriptions.delete(topic);
    void this.#broker.unsubscribe(topic, subscription.listener);
  }

  /**
   * Before anything is done about a topic.
   *
   * @throws LimitError HAWSER_TOPIC_TOO_LONG
   * @throws UsageError HAWSER_TOPIC_INVALID
   */
  checkTopic(topic: string): void {
    const { maxTopicBytes } = this.#broker.limits;
    const bytes = Buffer.byteLength(topic);
    if (bytes > maxTopicBytes) {
      throw new LimitError(
        "HAWSER_TOPIC_TOO_LONG",
        `a topic that reaches other nodes may have ${maxTopicBytes} bytes: shorten it, or raise the broker's maxTopicBytes`,
        maxTopicBytes,
        bytes,
        CloseCode.policyViolation,
      );
    }
    escapeTopic(topic);
  }

  // ---- From here to the others

  /** Sends it on its way; what becomes of it is reported. */
  publish(topic: string, message: Message, options: PublishOptions): void {
    this.#send(topic, message, options).catch((error: BrokerError) => this.#report(error));
  }

  /**
   * Resolves when the engine has confirmed.
   *
   * @throws BrokerError (rejects)
   */
  publishConfirmed(topic: string, message: Message, options: PublishOptions): Promise<void> {
    return this.#send(topic, message, options);
  }

  async #send(topic: string, message: Message, options: PublishOptions): Promise<void> {
    const { key, compress = true } = options;
    const number = ++this.#number;
    try {
      if (key !== undefined && Buffer.byteLength(key) > maxKeyBytes) {
        const more = `its key has more than ${maxKeyBytes} bytes`;
        throw new BrokerError("HAWSER_BROKER_TOO_BIG", { topic, more });
      }
      const previous = this.#previous(topic, number);
      const publisher = this.#publisher;
      const envelope = { publisher, number, previous, message, key, compress };
      await this.#broker.publish(topic, serializeEnvelope(envelope));
      this.#sent++;
    } catch (error) {
      this.#failed++;
      throw error;
    }
  }

  /** The number of the publication to the topic before this one, or 0. */
  #previous(topic: string, number: number): number {
    const previous = this.#published.get(topic) ?? 0;
    this.#published.delete(topic);
    if (this.#published.size >= maxPublishedTopics) deleteOldest(this.#published);
    this.#published.set(topic, number);
    return previous;
  }

  // ---- From the others to here

  #receive(topic: string, last: Map<string, number>, content: Buffer): void {
    const envelope = parseEnvelope(content);
    if (envelope === undefined) {
      this.#malformed(topic);
      return;
    }
    // Its subscribers here got it when it was published.
    if (envelope.publisher === this.#publisher) return;
    if (!this.#isNext(topic, last, envelope)) return;
    this.#received++;
    const { message, key, compress } = envelope;
    this.#deliver(topic, message, key === undefined ? { compress } : { compress, key });
  }

  #isNext(topic: string, last: Map<string, number>, envelope: Envelope): boolean {
    const { publisher, number, previous } = envelope;
    const before = last.get(publisher);
    if (before !== undefined && number <= before) {
      this.#repeated++;
      return false;
    }
    if (before === undefined && last.size >= maxPublishers) deleteOldest(last);
    last.set(publisher, number);
    if (before !== undefined && previous > before) {
      this.#gaps++;
      this.#report(new BrokerError("HAWSER_BROKER_GAP", { topic }));
    }
    return true;
  }

  /** A node of another version, or somebody else on our channels: once is enough to know. */
  #malformed(topic: string): void {
    if (this.#sawMalformed) return;
    this.#sawMalformed = true;
    this.#report(new BrokerError("HAWSER_BROKER_MALFORMED", { topic }));
  }

  /** Lets go of the broker, which is its owner's to close. */
  close(): void {
    this.#unwatch();
    for (const topic of this.#subscriptions.keys()) this.unsubscribe(topic);
  }
}

function deleteOldest(map: Map<string, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}
