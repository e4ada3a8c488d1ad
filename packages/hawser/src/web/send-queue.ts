// What a WebSocket sends, in the order of its calls: a Blob is read first, and all that is sent meanwhile
// waits behind it, the Close frame too. Counts what has not gone to the network yet, in bytes of content.

import { nodePlatform } from "../node/index.ts";
import type { Message } from "../protocol/index.ts";
import type { WebLink } from "./web-link.ts";

/** Something that waits behind a Blob; a function is our closing. */
type Waiting = Message | Blob | (() => void);

export class SendQueue {
  #link: WebLink | undefined;
  readonly #onUnreadable: (error: unknown) => void;
  /** There while a Blob is being read, which is its first. */
  #waiting: Waiting[] | undefined;
  #writtenBytes = 0;
  /** What was queued with `send` and, as of this turn of the event loop, has not gone to the network. */
  bufferedAmount = 0;

  /** @param onUnreadable is told when a Blob can't be read */
  constructor(onUnreadable: (error: unknown) => void) {
    this.#onUnreadable = onUnreadable;
  }

  /** From now on messages can go out. */
  open(link: WebLink): void {
    this.#link = link;
  }

  send(message: Message | Blob): void {
    const isBlob = message instanceof Blob;
    this.bufferedAmount += isBlob ? message.size : byteLengthOf(message);
    if (this.#link?.isOpen !== true) return;
    if (isBlob) this.#sendBlob(message);
    else if (this.#waiting === undefined) this.#write(this.#link, message);
    else this.#waiting.push(owned(message));
  }

  /** Closes behind all that was sent. */
  close(close: () => void): void {
    if (this.#waiting === undefined) close();
    else this.#waiting.push(close);
  }

  #sendBlob(blob: Blob): void {
    if (this.#waiting !== undefined) {
      this.#waiting.push(blob);
      return;
    }
    this.#waiting = [blob];
    void this.#read(blob);
  }

  async #read(blob: Blob): Promise<void> {
    try {
      const bytes = new Uint8Array(await blob.arrayBuffer());
      this.#goOn(bytes);
    } catch (error) {
      this.#waiting = undefined;
      this.#onUnreadable(error);
    }
  }

  /** The first is read: sends it, and what waited behind it up to the next Blob. */
  #goOn(first: Message): void {
    const [, ...waiting] = this.#waiting as Waiting[];
    this.#waiting = undefined;
    this.#put(first);
    for (const [index, next] of waiting.entries()) {
      if (next instanceof Blob) {
        this.#waiting = waiting.slice(index);
        void this.#read(next);
        return;
      }
      this.#put(next);
    }
  }

  #put(next: Message | (() => void)): void {
    if (typeof next === "function") next();
    else if (this.#link?.isOpen === true) this.#write(this.#link, next);
  }

  #write(link: WebLink, message: Message): void {
    const bytes = byteLengthOf(message);
    // What an extension reads later must not change meanwhile; without one it is masked into a copy now.
    const content = link.agreed === undefined ? message : owned(message);
    link.send(content, (error) => {
      if (error === undefined) this.#written(bytes);
    });
  }

  /** "as of the last time the event loop reached step 1": the count goes down in another turn only. */
  #written(bytes: number): void {
    if (this.#writtenBytes === 0 && bytes > 0) {
      setImmediate(() => {
        this.bufferedAmount -= this.#writtenBytes;
        this.#writtenBytes = 0;
      });
    }
    this.#writtenBytes += bytes;
  }
}

function byteLengthOf(message: Message): number {
  return typeof message === "string" ? nodePlatform.utf8ByteLength(message) : message.byteLength;
}

/** The message in memory that nobody else can change. */
function owned(message: Message): Message {
  return typeof message === "string" ? message : message.slice();
}
