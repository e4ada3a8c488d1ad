// One message that is sent as it is made, in constant memory: what is written to its stream goes out as
// fragments of at most 64 KiB (RFC 6455 §5.4), each when the one before it is out. All other messages of the
// connection wait for its end.

import { Buffer } from "node:buffer";
import { CloseCode, type Message, UsageError } from "../protocol/index.ts";
import { closeFor } from "./connection-streams.ts";
import type { HandledLink } from "./handled-link.ts";
import { type Sendable, toMessage } from "./message.ts";

/** What is sent as it is made. */
export interface WriteStreamOptions {
  /**
   * Whether the message is binary: then strings are sent as UTF-8. Default: as its first chunk is, text for
   * a string, binary for bytes.
   */
  readonly binary?: boolean;
}

/** The longest fragment, in bytes or units of text. */
const fragmentLength = 64 * 1024;

/** The messages of a connection that are sent as they are made: one after the other. */
interface Queue {
  /** When the last of them will have ended. */
  last: Promise<void>;
  readonly writers: Set<MessageWriter>;
}

const queues = new WeakMap<HandledLink, Queue>();

function queueOf(link: HandledLink): Queue {
  const queue = queues.get(link);
  return queue ?? newQueue(link);
}

function newQueue(link: HandledLink): Queue {
  const queue: Queue = { last: Promise.resolve(), writers: new Set() };
  queues.set(link, queue);
  // One for all: a connection may have many such messages in its life.
  void link.closed().then(() => queue.writers.forEach((writer) => writer.closed()));
  return queue;
}

/** A stream that makes one message of what is written to it. */
export function writeStreamOf(
  link: HandledLink,
  { binary }: WriteStreamOptions,
): WritableStream<Sendable> {
  const writer = new MessageWriter(link, binary);
  return new WritableStream<Sendable>({
    start: (controller) => writer.start(controller),
    write: (chunk) => writer.write(chunk),
    close: () => writer.end(),
  });
}

class MessageWriter {
  readonly #link: HandledLink;
  readonly #queue: Queue;
  #controller!: WritableStreamDefaultController;
  #isText: boolean | undefined;
  /** The first half of a pair of surrogates whose second has not come. */
  #half = "";
  /** When it is this message's turn, once it has asked. */
  #turn: Promise<void> | undefined;
  #hasBegun = false;
  #isGivenUp = false;
  /** Leaves the connection to the next. */
  #leave: () => void = () => undefined;

  constructor(link: HandledLink, isBinary: boolean | undefined) {
    this.#link = link;
    this.#isText = isBinary === undefined ? undefined : !isBinary;
    this.#queue = queueOf(link);
    this.#queue.writers.add(this);
  }

  start(controller: WritableStreamDefaultController): void {
    this.#controller = controller;
    const { signal } = controller as unknown as { readonly signal: AbortSignal };
    // At once: the function `abort` of a stream is called when the write that goes on is done.
    signal.addEventListener("abort", () => this.#giveUp(signal.reason), { once: true });
    if (this.#link.endpoint.state === "closed") this.closed();
  }

  async write(chunk: Sendable): Promise<void> {
    try {
      const content = this.#contentOf(toMessage(chunk));
      await this.#takeTurn();
      for (let at = 0; at < content.length; ) {
        const end = fragmentEnd(content, at);
        const isText = typeof content === "string";
        await this.#send(isText ? content.slice(at, end) : content.subarray(at, end), false);
        at = end;
      }
    } catch (error) {
      this.#giveUp(error);
      throw error;
    }
  }

  async end(): Promise<void> {
    try {
      await this.#takeTurn();
      await this.#send(this.#isText === false ? Buffer.alloc(0) : this.#half, true);
      this.#done();
    } catch (error) {
      this.#giveUp(error);
      throw error;
    }
  }

  /** The connection has ended: whoever pipes into the stream is to stop, though nothing is being written. */
  closed(): void {
    this.#controller.error(this.#link.closedError());
    this.#done();
  }

  /** A message that has begun can't be ended any more: the connection closes. */
  #giveUp(why: unknown): void {
    this.#isGivenUp = true;
    if (this.#hasBegun) closeFor(this.#link, why, CloseCode.internalError);
    this.#done();
  }

  #done(): void {
    this.#queue.writers.delete(this);
    this.#leave();
  }

  /** What is to be sent of a chunk, and of what was left of the last. */
  #contentOf(message: Message): Message {
    const isText = (this.#isText ??= typeof message === "string");
    if (typeof message !== "string") {
      if (!isText) return message;
      throw new UsageError(
        "HAWSER_MESSAGE_TYPE",
        "the message is a text: its chunks must be strings",
      );
    }
    if (!isText) return Buffer.from(message);
    const text = this.#half + message;
    // A fragment may end between two bytes of a character, but in a string it can't be told which.
    const isHalf = isHighSurrogate(text, text.length - 1);
    this.#half = isHalf ? text.slice(-1) : "";
    return isHalf ? text.slice(0, -1) : text;
  }

  #takeTurn(): Promise<void> {
    if (this.#turn !== undefined) return this.#turn;
    const ended = new Promise<void>((resolve) => {
      this.#leave = resolve;
    });
    this.#turn = this.#queue.last;
    this.#queue.last = this.#turn.then(() => ended);
    return this.#turn;
  }

  /** Resolves when that is written. */
  async #send(part: Message, fin: boolean): Promise<void> {
    const { endpoint, socket, writer } = this.#link;
    const isOpen = endpoint.state === "open" && !socket.destroyed && !this.#isGivenUp;
    const isWritten = new Promise<boolean>((resolve) => {
      if (!isOpen) return resolve(false);
      const onWritten = (error?: Error): void => resolve(error === undefined);
      writer.send(part, { fin, ofStream: true, compress: false, onWritten });
      this.#hasBegun = true;
    });
    if (await isWritten) return;
    // Who has given up knows why.
    if (this.#isGivenUp) return;
    await this.#link.closed();
    throw this.#link.closedError();
  }
}

function isHighSurrogate(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800;
}

/** Where a fragment ends that begins there: not between two surrogates. */
function fragmentEnd(content: Message, at: number): number {
  const end = Math.min(at + fragmentLength, content.length);
  const isCut = typeof content === "string" && end < content.length;
  return isCut && isHighSurrogate(content, end - 1) ? end - 1 : end;
}
