// A message that is given as it comes, in constant memory: a part that nobody has read yet holds back the
// next, and so in the end the peer.

import { Buffer } from "node:buffer";
import { TextDecoder } from "node:util";
import { byteLengthOf } from "./message.ts";

/** A message as a stream of its content; what is left of it can be skipped with `readable.cancel()`. */
export type StreamedMessage =
  | { readonly isText: true; readonly readable: ReadableStream<string> }
  | { readonly isText: false; readonly readable: ReadableStream<Buffer> };

/** How a message is received that is given as it comes. */
export interface ReceiveOptions {
  /** The most bytes that it may have; past it the connection fails with 1009. Default: any number. */
  readonly maxBytes?: number;
}

/** How much of a message may be there that nobody has read yet, in bytes or units of text. */
const readAhead = 64 * 1024;

const byLength = { highWaterMark: readAhead, size: (chunk: string | Buffer) => chunk.length };

/** What a message that comes asks of its connection. */
export interface PartSource {
  /** Bring nothing until `resume`. */
  hold(): void;
  resume(): void;
}

/** The writing end of a `StreamedMessage`. */
export class MessageBody {
  readonly message: StreamedMessage;
  readonly #source: PartSource;
  readonly #decoder: TextDecoder | undefined;
  #controller!: ReadableStreamDefaultController<string | Buffer>;
  #isSkipped = false;

  constructor(isText: boolean, source: PartSource) {
    this.#source = source;
    // It was checked already, and a byte order mark is part of a message like any other character.
    this.#decoder = isText ? new TextDecoder("utf-8", { ignoreBOM: true }) : undefined;
    const readable = new ReadableStream<string | Buffer>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => source.resume(),
        cancel: () => this.skip(),
      },
      byLength,
    );
    this.message = { isText, readable } as StreamedMessage;
  }

  /** Whether somebody reads it. */
  get isRead(): boolean {
    return this.message.readable.locked && !this.#isSkipped;
  }

  /** A part came, which is the caller's. */
  receive(bytes: Uint8Array, isLast: boolean): void {
    if (this.#isSkipped) return;
    const chunk = this.#decoder?.decode(bytes, { stream: !isLast }) ?? Buffer.from(bytes);
    if (chunk.length > 0) this.#controller.enqueue(chunk);
    if (isLast) this.#controller.close();
    else if ((this.#controller.desiredSize ?? 0) <= 0) this.#source.hold();
  }

  /** What is left of it will come, but nobody wants it. */
  skip(): void {
    this.#isSkipped = true;
    this.#source.resume();
  }

  /** The rest will not come. */
  fail(error: Error): void {
    this.#controller.error(error);
  }
}

/** A message that came whole, as one that comes in parts. */
export function toStreamed(message: string | Buffer): StreamedMessage {
  const readable = new ReadableStream<string | Buffer>({
    start(controller) {
      if (byteLengthOf(message) > 0) controller.enqueue(message);
      controller.close();
    },
  });
  return { isText: typeof message === "string", readable } as StreamedMessage;
}

/** The whole of it. */
export async function toWhole({ isText, readable }: StreamedMessage): Promise<string | Buffer> {
  const chunks: (string | Buffer)[] = [];
  for await (const chunk of readable as ReadableStream<string | Buffer>) chunks.push(chunk);
  return isText ? chunks.join("") : Buffer.concat(chunks as Buffer[]);
}
