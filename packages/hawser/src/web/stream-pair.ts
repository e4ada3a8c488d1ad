// The two streams of an open WebSocketStream, over its link. A chunk that nobody has read yet holds back the
// next message, and so in the end the peer; a write is done when there is room for the next.

import type { Closed } from "../node/link.ts";
import type { Message } from "../protocol/index.ts";
import type { CloseArguments } from "./close-arguments.ts";
import { Deferred } from "./deferred.ts";
import { toArrayBuffer, toMessage } from "./message.ts";
import type { WebLink } from "./web-link.ts";
import { notCleanlyClosed, WebSocketError } from "./web-socket-error.ts";

/** What comes: text as a string, binary as an ArrayBuffer. */
export type Received = string | ArrayBuffer;

/** What can be written: bytes go out as binary, all else as text. */
export type Writable = string | ArrayBuffer | ArrayBufferView;

export class StreamPair {
  readonly readable: ReadableStream<Received>;
  readonly writable: WritableStream<Writable>;

  readonly #link: WebLink;
  #source!: ReadableStreamDefaultController<Received>;
  #sink!: WritableStreamDefaultController;
  /** Settled with how the connection ended: undefined when cleanly. */
  readonly #end = new Deferred<WebSocketError | undefined>();
  /** What came last, with the end of the socket, and is not in the stream's queue yet. */
  readonly #late: Received[] = [];
  /** Why the readable fails, once all that came before is read. */
  #failure: WebSocketError | undefined;
  /** Ends the waiting of the write that is under way. */
  #stopWaiting: (() => void) | undefined;
  #isClosing = false;
  #isCancelled = false;
  #isWritableClosing = false;

  constructor(link: WebLink) {
    this.#link = link;
    this.readable = new ReadableStream<Received>({
      start: (controller) => {
        this.#source = controller;
      },
      pull: () => this.#pull(),
      cancel: (reason) => {
        this.#isCancelled = true;
        this.close(closeArgumentsOf(reason));
      },
    });
    this.writable = new WritableStream<Writable>({
      start: (controller) => {
        this.#sink = controller;
        // The stream calls `abort` only when the write that goes on is done: it does not wait for room then.
        const { signal } = controller as unknown as { signal: AbortSignal };
        signal.addEventListener("abort", () => this.#stopWaiting?.(), { once: true });
      },
      write: (chunk) => this.#write(chunk),
      close: () => this.#closeWritable(),
      abort: (reason) => this.close(closeArgumentsOf(reason)),
    });
  }

  /** A message came. */
  received(message: Message): void {
    // Who closes takes no more messages, as in the standard.
    if (this.#isClosing) return;
    const chunk = typeof message === "string" ? message : toArrayBuffer(message);
    if (this.#link.isGone) {
      this.#late.push(chunk);
      return;
    }
    this.#source.enqueue(chunk);
    if ((this.#source.desiredSize ?? 0) <= 0) this.#link.hold();
  }

  /** The peer has closed: nothing that is written goes out any more. */
  peerClosed(): void {
    if (!this.#isWritableClosing) this.#sink.error(closedWriting());
  }

  /** The socket is gone: the end must not wait for somebody who reads. What it had brought is bounded. */
  socketGone(): void {
    this.#link.release();
  }

  /** Begins to close; of no effect when that has begun. */
  close({ code, reason }: CloseArguments): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#link.close(code, reason);
    // The peer's Close frame can't be seen behind what nobody reads.
    this.#link.release();
  }

  /** The connection has ended: ends both streams; returns why, unless all is well. */
  ended({ code, reason, wasClean, error: cause }: Closed): WebSocketError | undefined {
    this.#isClosing = true;
    const error = wasClean ? undefined : notCleanlyClosed(code, reason, cause);
    if (error !== undefined) {
      this.#failure = error;
      // With chunks that are not read yet it fails behind them.
      if ((this.#source.desiredSize ?? 0) > 0) this.#pull();
      this.#sink.error(error);
    } else {
      if (!this.#isCancelled) this.#closeReadable();
      this.peerClosed();
    }
    this.#end.resolve(error);
    return error;
  }

  #pull(): void {
    if (this.#failure === undefined) return this.#link.release();
    const chunk = this.#late.shift();
    if (chunk === undefined) this.#source.error(this.#failure);
    else this.#source.enqueue(chunk);
  }

  #closeReadable(): void {
    for (const chunk of this.#late) this.#source.enqueue(chunk);
    this.#source.close();
  }

  async #write(chunk: unknown): Promise<void> {
    const message = toMessage(chunk);
    if (!this.#link.isOpen || this.#link.send(message)) return;
    try {
      // A promise of its own: one that all writes raced with would keep what each of them left there.
      await new Promise<void>((resolve, reject) => {
        this.#stopWaiting = resolve;
        this.#link.writer.drained().then(resolve, reject);
      });
    } catch {
      // The connection is closing: what is to be said of that is known when it has ended.
      const error = await this.#end.promise;
      if (error !== undefined) throw error;
    }
  }

  async #closeWritable(): Promise<void> {
    this.#isWritableClosing = true;
    this.close({ code: undefined, reason: "" });
    const error = await this.#end.promise;
    if (error !== undefined) throw error;
  }
}

/** What a stream is aborted or cancelled with may say how to close. */
function closeArgumentsOf(reason: unknown): CloseArguments {
  if (!(reason instanceof WebSocketError)) return { code: undefined, reason: "" };
  return { code: reason.closeCode ?? undefined, reason: reason.reason };
}

function closedWriting(): DOMException {
  return new DOMException("Cannot write to a closed WebSocketStream.", "InvalidStateError");
}
