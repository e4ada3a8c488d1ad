// The port through which topics reach other processes, and what whoever fills it promises. It is narrow on
// purpose: bytes in, the same bytes out at every node that subscribes; what they mean is not its business.

import type { BrokerError } from "./broker-error.ts";

/** Bytes that were published to a topic; they are the listener's. */
export type BrokerListener = (content: Buffer) => void;

/**
 * - "starting": no probe has come back yet
 * - "up": the last probe came back
 * - "away": the connection is gone, or a probe did not come back in time
 * - "closed": by `close`
 */
export type BrokerState = "starting" | "up" | "away" | "closed";

/** What a probe found. */
export interface BrokerHealth {
  readonly state: BrokerState;
  /** Milliseconds that the probe took to come back; undefined when none did. */
  readonly roundTripMs: number | undefined;
  /** Why the engine is away. */
  readonly error: BrokerError | undefined;
}

/** What a broker takes at most; whoever publishes or subscribes is told before anything is sent. */
export interface BrokerLimits {
  /** Bytes of a topic's name in UTF-8. */
  readonly maxTopicBytes: number;
  /** Topics that this node is subscribed to. */
  readonly maxTopics: number;
  /** Bytes of one publication, its header of up to 1,050 bytes included. */
  readonly maxContentBytes: number;
}

/**
 * Carries publications between nodes.
 *
 * What it promises:
 * - At most once: what was published comes at most once from each `publish`, or not at all. Nothing is
 *   stored, and nothing is sent again by the broker.
 * - What one broker published to one topic comes to each listener in the order of the calls.
 * - Never silence: `publish` rejects when the engine did not confirm. A rejected publication may have
 *   arrived all the same, or still arrive, in order (`HAWSER_BROKER_UNCONFIRMED`).
 * - What it publishes comes back to its own listeners, too, or it does not: who cares tells by the content.
 * - One subscription of the engine for each topic, whatever the number of listeners, released with the last.
 * - A subscription stays until `unsubscribe`: when the engine comes back, so does it.
 * - Everything that it holds is bounded; nothing is queued while the engine is away.
 */
export interface Broker {
  readonly limits: BrokerLimits;
  readonly state: BrokerState;
  /**
   * Resolves when the engine has confirmed. The bytes must not change any more.
   *
   * @throws BrokerError (rejects)
   */
  publish(topic: string, content: Buffer): Promise<void>;
  /**
   * The listener is subscribed from this call on, whatever becomes of the promise: it resolves when the
   * engine has confirmed, and rejects when it is away or refuses; both are made good when it is back.
   *
   * @throws BrokerError (rejects)
   */
  subscribe(topic: string, listener: BrokerListener): Promise<void>;
  /** The listener is told of nothing any more from this call on. Never rejects. */
  unsubscribe(topic: string, listener: BrokerListener): Promise<void>;
  /**
   * Sends a message to itself through the engine. When it has come back, every subscription that was made
   * before is in place. Never rejects.
   */
  health(): Promise<BrokerHealth>;
  /** Calls back whenever the state changes; returns a function that ends this. */
  watch(listener: (state: BrokerState, error: BrokerError | undefined) => void): () => void;
  /** Ends what it has opened, and nothing that it was given. Never rejects. */
  close(): Promise<void>;
}
