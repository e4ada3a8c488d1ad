// What users hold of a connection, a server's or a client's: the same class for both. It is a thin
// face; what it does is in link.ts.

import type { Buffer } from "node:buffer";
import { UsageError } from "../protocol/index.ts";
import { inboxOf, readableOf, writableOf } from "./connection-streams.ts";
import type { HandledLink } from "./handled-link.ts";
import type { Closed } from "./link.ts";
import {
  type ConnectionState,
  type ConnectionStats,
  extensionsOf,
  idOf,
  remoteAddressOf,
  stateOf,
  statsOf,
} from "./link-facts.ts";
import { type Sendable, toMessage } from "./message.ts";
import { writeStreamOf, type WriteStreamOptions } from "./message-writer.ts";
import { checkInteger } from "./check-option.ts";
import type { PublishOptions } from "./publication.ts";
import type { ReceiveOptions, StreamedMessage } from "./streamed-message.ts";
import type { Topics } from "./topics.ts";
import type { SendOptions } from "./writer.ts";

/**
 * An open WebSocket connection.
 *
 * As an async iterable it gives its messages, in order, and reads only as fast as the loop asks for
 * them; the loop ends when the connection closes, and throws ConnectionClosedError when it ended
 * without a closing handshake.
 */
export class Connection<Data = unknown> implements AsyncIterable<string | Buffer> {
  readonly #link: HandledLink;

  /** What the server's `upgrade` gave as `data`, or the client's option `data`: yours to use. */
  data: Data;

  constructor(link: HandledLink, data: Data) {
    this.#link = link;
    this.data = data;
  }

  /** Unique among all connections of all processes. */
  get id(): string {
    return idOf(this.#link.serial);
  }

  /** The subprotocol that both agreed on; "" for none. */
  get protocol(): string {
    return this.#link.protocol;
  }

  /** The extensions in use, as the Sec-WebSocket-Extensions header lists them; "" for none. */
  get extensions(): string {
    return extensionsOf(this.#link);
  }

  /** "closing" from the first Close frame on, whoever sent it; "closed" once TCP has ended too. */
  get state(): ConnectionState {
    return stateOf(this.#link);
  }

  /** The peer's IP address; undefined for a unix socket, and once the socket is gone. */
  get remoteAddress(): string | undefined {
    return remoteAddressOf(this.#link);
  }

  /** Bytes that are queued and not yet handed to the operating system, frame headers included. */
  get bufferedBytes(): number {
    return this.#link.writer.bufferedBytes;
  }

  get stats(): ConnectionStats {
    return statsOf(this.#link);
  }

  /**
   * Sends a message: a string as text, anything else as binary. Bytes must not be changed until they
   * are written (`drained`). Returns false when the queue has reached `highWaterBytes`: the message is
   * queued all the same, but wait for `drain` before the next. Also false, without sending, when the
   * connection is not open any more or the overflow policy dropped the message.
   *
   * @throws UsageError HAWSER_MESSAGE_TYPE
   */
  send(message: Sendable, options?: SendOptions): boolean {
    return this.#link.writer.send(toMessage(message), options);
  }

  /**
   * A stream that sends what is written to it as one message, in constant memory and however long it is.
   * The message begins with the first chunk and ends when the stream is closed; other messages that are sent
   * meanwhile wait for its end. A write is done when all of it is written. To abort it, once the message has
   * begun, closes the connection with 1011, or as `closeCode` and `reason` of what it is aborted with say.
   */
  createWriteStream(options: WriteStreamOptions = {}): WritableStream<Sendable> {
    return writeStreamOf(this.#link, options);
  }

  /**
   * Resolves once the queue is down to half of `highWaterBytes`; at once when `send` has not returned
   * false since then.
   *
   * @throws ConnectionClosedError when the connection closes, or is not open
   */
  drained(): Promise<void> {
    return this.#link.writer.drained();
  }

  /**
   * Sends a Ping with up to 125 bytes of payload; the handler `pong` gets the answer. Peers that have
   * gone are found without it, by the heartbeat. False, without sending, when the connection is not
   * open any more.
   *
   * @throws UsageError HAWSER_CONTROL_PAYLOAD, HAWSER_MESSAGE_TYPE
   */
  ping(payload: Sendable = ""): boolean {
    return this.#link.writer.control("ping", toMessage(payload));
  }

  /** Sends a Pong that nobody asked for; Pings are answered without it. As `ping` otherwise. */
  pong(payload: Sendable = ""): boolean {
    return this.#link.writer.control("pong", toMessage(payload));
  }

  /**
   * Stops reading: the peer's messages, its Pings and its Close frame wait until `resume`, or until
   * the socket is gone.
   */
  pause(): void {
    this.#link.pauseByUser();
  }

  resume(): void {
    this.#link.resumeByUser();
  }

  get isPaused(): boolean {
    return this.#link.isPausedByUser;
  }

  /**
   * Starts the closing handshake, behind all that is queued. Messages that the peer sent before its
   * own Close frame still go to the `message` handler or the loop that reads; where nobody has begun to
   * read, they are discarded. Harmless when the connection is closing already. Don't wait for `closed`
   * in a handler that is itself waited for: the end is seen only after it.
   *
   * @param code 1000–1003, 1007–1014 or 3000–4999; without it the Close frame carries none
   * @param reason at most 123 bytes of UTF-8
   * @throws UsageError HAWSER_CLOSE_CODE_INVALID, HAWSER_CLOSE_REASON_TOO_LONG, …
   */
  close(code?: number, reason?: string): void {
    this.#link.close(code, reason);
  }

  /** Ends at once, without a closing handshake: what is queued or unread is lost; the code is 1006. */
  terminate(): void {
    this.#link.terminate();
  }

  /** How the connection ended, once it has; never rejects. */
  get closed(): Promise<Closed> {
    return this.#link.closed();
  }

  /**
   * Subscribes to a topic of the server.
   *
   * @throws LimitError HAWSER_TOO_MANY_SUBSCRIPTIONS past `maxSubscriptions`
   * @throws UsageError HAWSER_NO_TOPICS on a client's connection
   */
  subscribe(topic: string): void {
    const topics = topicsOf(this.#link);
    if (this.state !== "closed") topics.subscribe(topic, this.#link);
  }

  /** @throws UsageError HAWSER_NO_TOPICS on a client's connection */
  unsubscribe(topic: string): void {
    topicsOf(this.#link).unsubscribe(topic, this.#link);
  }

  isSubscribed(topic: string): boolean {
    return this.#link.topics?.has(topic) === true;
  }

  /** The topics that this connection is subscribed to. */
  get subscriptions(): readonly string[] {
    return [...(this.#link.topics ?? [])];
  }

  /**
   * Publishes to all subscribers of the topic but this connection; returns to how many.
   *
   * @throws UsageError HAWSER_NO_TOPICS on a client's connection
   */
  publish(topic: string, message: Sendable, options: PublishOptions = {}): number {
    return topicsOf(this.#link).publish(topic, toMessage(message), options, this.#link);
  }

  /**
   * The messages of this connection as a stream, which reads only as fast as it is read. It is closed when
   * the connection closes, and fails with ConnectionClosedError when that ended without a closing handshake.
   * To cancel it closes the connection with 1000, or as `closeCode` and `reason` of what it is cancelled
   * with say.
   *
   * @throws UsageError HAWSER_HAS_MESSAGE_HANDLER when a `message` handler gets them
   */
  get readable(): ReadableStream<string | Buffer> {
    return readableOf(this.#link);
  }

  /**
   * A stream whose chunks are sent as messages; a write is done when there is room for the next. To close
   * it closes the connection with 1000, and is done when that has ended; to abort it closes with 1011, or
   * as `closeCode` and `reason` of what it is aborted with say. It fails when the connection ends.
   */
  get writable(): WritableStream<Sendable> {
    return writableOf(this.#link);
  }

  /**
   * The next message as it comes, in constant memory and however long it is; undefined once the connection
   * has closed. What is left of the one before, if nobody reads it, is skipped. A message that is compressed
   * or had begun already is gathered first, up to `maxMessageBytes`.
   *
   * @throws UsageError HAWSER_HAS_MESSAGE_HANDLER, HAWSER_OPTION_INVALID
   * @throws ConnectionClosedError once, when the connection ended without a closing handshake
   */
  async message(options: ReceiveOptions = {}): Promise<StreamedMessage | undefined> {
    const { value } = await inboxOf(this.#link).nextInParts(maxBytesOf(options));
    return value;
  }

  /**
   * All messages, each as `message` gives it.
   *
   * @throws UsageError HAWSER_HAS_MESSAGE_HANDLER, HAWSER_OPTION_INVALID
   */
  messages(options: ReceiveOptions = {}): AsyncIterableIterator<StreamedMessage, undefined> {
    return inboxOf(this.#link).inParts(maxBytesOf(options));
  }

  /**
   * The messages of this connection.
   *
   * @throws UsageError HAWSER_HAS_MESSAGE_HANDLER when a `message` handler gets them
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<string | Buffer, undefined> {
    return inboxOf(this.#link)[Symbol.asyncIterator]();
  }
}

function maxBytesOf({ maxBytes }: ReceiveOptions): number {
  if (maxBytes === undefined) return Number.POSITIVE_INFINITY;
  return checkInteger("maxBytes", maxBytes, 1, Number.MAX_SAFE_INTEGER);
}

function topicsOf({ group }: HandledLink): Topics {
  if (group.topics !== undefined) return group.topics;
  throw new UsageError("HAWSER_NO_TOPICS", "topics belong to a server: a client has none");
}
