// A message that is given as it comes, in constant memory: a part that nobody has read yet holds back the
// next, and so in the end the peer.

import { Buffer } from "node:buffer";
import { TextDecoder } from "node:util";
import { UsageError } from "../protocol/index.ts";

/**
 * A message as a stream of its content; what is left of it can be skipped with `readable.cancel()`. The stream
 * of a binary one is a byte stream: who reads into memory of their own (`getReader({ mode: "byob" })`) gets
 * the bytes there, and no memory is made for them.
 */
export type StreamedMessage =
  | { readonly isText: true; readonly readable: ReadableStream<string> }
  | { readonly isText: false; readonly readable: ReadableStream<Uint8Array> };

/** How a message is received that is given as it comes. */
export interface ReceiveOptions {
  /** The most bytes that it may have; past it the connection fails with 1009. Default: any number. */
  readonly maxBytes?: number;
}

/** How much of a message may be there that nobody has read yet, in bytes or units of text. */
const readAhead = 64 * 1024;

/** What a message that comes asks of its connection. */
export interface PartSource {
  /** Bring nothing until `resume`. */
  hold(): void;
  resume(): void;
}

/** The writing end of the stream of a text. */
class Text {
  readonly readable: ReadableStream<string>;
  controller!: ReadableStreamDefaultController<string>;
  // It was checked already, and a byte order mark is part of a message like any other character.
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  constructor(pull: () => void, cancel: () => void) {
    const start = (controller: ReadableStreamDefaultController<string>): void => {
      this.controller = controller;
    };
    const size = (chunk: string): number => chunk.length;
    this.readable = new ReadableStream({ start, pull, cancel }, { highWaterMark: readAhead, size });
  }

  put(bytes: Uint8Array): void {
    const text = this.#decoder.decode(bytes, { stream: true });
    if (text !== "") this.controller.enqueue(text);
  }

  close(): void {
    this.controller.close();
  }
}

/** The writing end of the stream of bytes. */
class Bytes {
  readonly readable: ReadableStream<Uint8Array>;
  controller!: ReadableByteStreamController;

  constructor(pull: () => void, cancel: () => void) {
    const start = (controller: ReadableByteStreamController): void => {
      this.controller = controller;
    };
    this.readable = new ReadableStream(
      { type: "bytes", start, pull, cancel },
      { highWaterMark: readAhead },
    );
  }

  put(bytes: Uint8Array): void {
    let rest = bytes;
    for (;;) {
      const request = this.controller.byobRequest;
      const view = request?.view;
      if (rest.length === 0 || view === null || view === undefined) break;
      const size = Math.min(view.byteLength, rest.length);
      new Uint8Array(view.buffer, view.byteOffset, size).set(rest.subarray(0, size));
      request?.respond(size);
      rest = rest.subarray(size);
    }
    if (rest.length === 0) return;
    // The stream takes the memory itself: it must not be a piece of the pool that Buffers share.
    const copy = Buffer.allocUnsafeSlow(rest.length);
    copy.set(rest);
    this.controller.enqueue(copy);
  }

  close(): void {
    this.controller.close();
    // Whoever waits to read into memory of their own gets it back.
    this.controller.byobRequest?.respond(0);
  }
}

/** The writing end of a `StreamedMessage`. */
export class MessageBody {
  readonly message: StreamedMessage;
  readonly #source: PartSource;
  readonly #content: Text | Bytes;
  #isSkipped = false;

  constructor(isText: boolean, source: PartSource) {
    this.#source = source;
    const pull = (): void => source.resume();
    const cancel = (): void => this.#ignoreRest();
    this.#content = isText ? new Text(pull, cancel) : new Bytes(pull, cancel);
    this.message = { isText, readable: this.#content.readable } as StreamedMessage;
  }

  /** Whether somebody reads it. */
  get isRead(): boolean {
    return this.message.readable.locked && !this.#isSkipped;
  }

  /** A part came, which is the caller's. */
  receive(bytes: Uint8Array, isLast: boolean): void {
    if (this.#isSkipped) return;
    const content = this.#content;
    content.put(bytes);
    if (isLast) content.close();
    else if ((content.controller.desiredSize ?? 0) <= 0) this.#source.hold();
  }

  /** What is left of it will come, but nobody wants it: whoever reads it later is told. */
  skip(): void {
    if (this.#isSkipped) return;
    this.fail(
      new UsageError(
        "HAWSER_MESSAGE_SKIPPED",
        "what was left of this message is skipped: read a message before you ask for the next, or the connection closes",
      ),
    );
    this.#ignoreRest();
  }

  #ignoreRest(): void {
    this.#isSkipped = true;
    this.#source.resume();
  }

  /** The rest will not come. */
  fail(error: Error): void {
    this.#content.controller.error(error);
  }
}

const nowhere: PartSource = { hold: () => undefined, resume: () => undefined };

/** A message that came whole, as one that comes in parts. */
export function toStreamed(message: string | Buffer): StreamedMessage {
  const isText = typeof message === "string";
  const body = new MessageBody(isText, nowhere);
  body.receive(isText ? Buffer.from(message) : message, true);
  return body.message;
}

/** The whole of it. */
export async function toWhole({ isText, readable }: StreamedMessage): Promise<string | Buffer> {
  const chunks: (string | Uint8Array)[] = [];
  for await (const chunk of readable as ReadableStream<string | Uint8Array>) chunks.push(chunk);
  return isText ? chunks.join("") : Buffer.concat(chunks as Uint8Array[]);
}
