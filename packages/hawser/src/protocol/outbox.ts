// What waits to go out, in order: behind a message that an extension is still encoding, or behind the
// user's own message in fragments, into which no other message may come (RFC 6455 §5.4). An endpoint
// has one only while something waits; without one everything goes straight into the output.
// Invariant: all messages and our Close frame leave in the order in which they were given, and the
// extension is asked for one message at a time. Pings and pongs never come here.

import { contentBytes, contentOf, type Message } from "./content.ts";
import type { Extension } from "./extension.ts";
import { finBit, opcodeBits, rsv1Bit } from "./frame-header.ts";
import { Opcode } from "./opcode.ts";
import type { Output } from "./output.ts";
import type { Platform } from "./platform.ts";
import type { OnWritten } from "./write-marks.ts";

/** The largest binary message that is copied, and so its owner's again at once; as in `Output`. */
const copiedBytes = 4 * 1024;

/** In the place of a first byte: the content is whole frames. */
const wholeFrames = -1;

interface Waiting {
  firstByte: number;
  /** Undefined while a promise of it is pending. */
  content: Message | undefined;
  /** The promise that is waited for; another one, which was replaced, is of no effect any more. */
  pending: Promise<Uint8Array | undefined> | undefined;
  /** Whether the extension is to be asked. */
  isToEncode: boolean;
  /** What it counts with: of frames that are promised about as much. */
  bytes: number;
  readonly key: string | undefined;
  isBehindFragments: boolean;
  onWritten: OnWritten | undefined;
  next: Waiting | undefined;
}

function newWaiting(
  firstByte: number,
  content: Message | undefined,
  isToEncode: boolean,
  key?: string,
): Waiting {
  return {
    firstByte,
    content,
    pending: undefined,
    isToEncode,
    bytes: 0,
    key,
    isBehindFragments: false,
    onWritten: undefined,
    next: undefined,
  };
}

/** What an outbox works for. */
export interface OutboxHost {
  readonly platform: Platform;
  readonly output: Output;
  readonly extension: Extension | undefined;
  /** A promise was kept, and what waited for it has gone into the output. */
  moved(): void;
  /** A promise was not kept: the outbox has cleared itself. */
  broke(error: unknown): void;
}

/**
 * Puts a message into the output as the extension encodes it, or plain if it doesn't. Returns the
 * promise of the encoded payload when that takes longer: then nothing was put.
 */
export function putEncoded(
  output: Output,
  extension: Extension,
  firstByte: number,
  content: Uint8Array,
): Promise<Uint8Array | undefined> | undefined {
  const payload = payloadOf(extension, firstByte, content);
  if (payload === undefined) output.binary(firstByte, content);
  else if (payload instanceof Uint8Array) output.binary(withRsv1(firstByte), payload);
  else return payload;
  return undefined;
}

function payloadOf(
  extension: Extension,
  firstByte: number,
  content: Uint8Array,
): ReturnType<Extension["encode"]> {
  const isLast = (firstByte & finBit) !== 0;
  if (isLast && !isContinuation(firstByte)) return extension.encode(content);
  return extension.encodePart?.(content, isLast);
}

function isContinuation(firstByte: number): boolean {
  return (firstByte & opcodeBits) === Opcode.continuation;
}

/** RSV1 is for a message as a whole, and so on its first frame (RFC 7692 §6.1). */
function withRsv1(firstByte: number): number {
  return isContinuation(firstByte) ? firstByte : firstByte | rsv1Bit;
}

export class Outbox {
  readonly #host: OutboxHost;
  #first: Waiting | undefined;
  #last: Waiting | undefined;
  /** What waits until the message in fragments has ended. */
  #behindFragments: Waiting[] = [];
  /** The frames with a key that wait, in either place. */
  #keyed: Map<string, Waiting> | undefined;
  #isClosed = false;

  /** Bytes that wait for an encoding, and move by themselves. */
  encodingBytes = 0;
  /** Bytes that wait for the end of the message in fragments. */
  behindFragmentsBytes = 0;

  constructor(host: OutboxHost) {
    this.#host = host;
  }

  /** Whether anything waits for an encoding. */
  get isEncoding(): boolean {
    return this.#first !== undefined;
  }

  /** Whether nothing waits at all. */
  get isEmpty(): boolean {
    return this.#first === undefined && this.#behindFragments.length === 0;
  }

  /** A message, or a part of one; the extension is asked in its turn. */
  message(
    firstByte: number,
    message: Message,
    isToEncode: boolean,
    onWritten?: OnWritten,
    isBehindFragments = false,
  ): void {
    const bytes = contentBytes(this.#host.platform, message);
    const isCopied = typeof message !== "string" && bytes <= copiedBytes;
    const content = isCopied ? this.#copy(message) : message;
    const waiting = newWaiting(firstByte, content, isToEncode);
    waiting.onWritten = onWritten;
    if (isBehindFragments) this.#appendBehindFragments(waiting, bytes);
    else this.#append(waiting, bytes);
  }

  /** A message whose encoding has begun: `content` is what goes out if the promise has nothing. */
  encoding(
    firstByte: number,
    content: Uint8Array,
    payload: Promise<Uint8Array | undefined>,
    onWritten: OnWritten | undefined,
  ): void {
    const waiting = newWaiting(firstByte, content, true);
    waiting.onWritten = onWritten;
    this.#await(waiting, payload);
    this.#append(waiting, content.length);
  }

  /**
   * Whole frames, or the promise of about so many bytes of them. Of those with the same key that wait
   * only the newest go out, in the place of the oldest.
   */
  frames(
    frames: Uint8Array | Promise<Uint8Array>,
    bytes: number,
    key: string | undefined,
    isBehindFragments: boolean,
    onWritten?: OnWritten,
  ): void {
    const older = key === undefined ? undefined : this.#keyed?.get(key);
    const waiting = older ?? newWaiting(wholeFrames, undefined, false, key);
    const isThere = frames instanceof Uint8Array;
    if (!isThere) this.#await(waiting, frames);
    else {
      waiting.content = frames;
      waiting.pending = undefined;
    }
    const counted = isThere ? frames.length : bytes;
    if (older !== undefined) return this.#replaced(older, counted);
    waiting.onWritten = onWritten;
    if (key !== undefined) (this.#keyed ??= new Map()).set(key, waiting);
    if (isBehindFragments) this.#appendBehindFragments(waiting, counted);
    else this.#append(waiting, counted);
  }

  #appendBehindFragments(waiting: Waiting, bytes: number): void {
    waiting.isBehindFragments = true;
    this.#behindFragments.push(waiting);
    this.#count(waiting, bytes);
  }

  /** How many bytes the frames with this key count with; 0 when none wait. */
  keyedBytes(key: string): number {
    return this.#keyed?.get(key)?.bytes ?? 0;
  }

  /** The message in fragments has ended. */
  endFragments(): void {
    const waiting = this.#behindFragments;
    this.#behindFragments = [];
    this.behindFragmentsBytes = 0;
    for (const one of waiting) {
      const { bytes } = one;
      one.bytes = 0;
      one.isBehindFragments = false;
      this.#append(one, bytes);
    }
  }

  /** Our Close frame, the last to go out; what waits for the end of a message never will. */
  close(payload: Uint8Array): void {
    this.#loseBehindFragments();
    this.message(finBit | Opcode.close, payload, false);
  }

  /** Forgets everything; promises that are pending are of no effect any more. */
  clear(): void {
    this.#isClosed = true;
    for (let one = this.#first; one !== undefined; one = one.next) this.#lose(one);
    this.#first = undefined;
    this.#last = undefined;
    this.#keyed = undefined;
    this.encodingBytes = 0;
    this.#loseBehindFragments();
  }

  #loseBehindFragments(): void {
    for (const one of this.#behindFragments) this.#lose(one);
    this.#behindFragments = [];
    this.behindFragmentsBytes = 0;
  }

  #lose({ onWritten }: Waiting): void {
    if (onWritten !== undefined) this.#host.output.lose(onWritten);
  }

  /** Has `waiting` count with that many bytes from now on. */
  #count(waiting: Waiting, bytes: number): void {
    const more = bytes - waiting.bytes;
    waiting.bytes = bytes;
    if (waiting.isBehindFragments) this.behindFragmentsBytes += more;
    else this.encodingBytes += more;
  }

  #replaced(waiting: Waiting, bytes: number): void {
    this.#count(waiting, bytes);
    if (waiting === this.#first) this.#move();
  }

  #append(waiting: Waiting, bytes: number): void {
    this.#count(waiting, bytes);
    if (this.#last === undefined) this.#first = waiting;
    else this.#last.next = waiting;
    this.#last = waiting;
    if (this.#first === waiting) this.#move();
  }

  /** Moves into the output what has not to wait any more. */
  #move(): void {
    try {
      while (this.#first !== undefined && this.#put(this.#first)) {
        const { bytes, key, next, onWritten } = this.#first;
        if (onWritten !== undefined) this.#host.output.mark(onWritten);
        this.encodingBytes -= bytes;
        if (key !== undefined) this.#keyed?.delete(key);
        this.#first = next;
      }
      if (this.#first === undefined) this.#last = undefined;
    } catch (error) {
      this.#break(error);
    }
  }

  /** Puts the first into the output; false when it has to be waited for. */
  #put(waiting: Waiting): boolean {
    const { firstByte, content } = waiting;
    const { platform, output, extension } = this.#host;
    if (content === undefined) return false;
    if (waiting.isToEncode) {
      const bytes = contentOf(platform, content);
      const payload = putEncoded(output, extension as Extension, firstByte, bytes);
      if (payload === undefined) return true;
      waiting.content = bytes;
      this.#await(waiting, payload);
      return false;
    }
    if (typeof content === "string") output.text(firstByte, content);
    else if (firstByte === wholeFrames) output.frames(content, waiting.key);
    else output.binary(firstByte, content);
    return true;
  }

  /** Takes the content out of `waiting` until the promise is kept. */
  #await(waiting: Waiting, promise: Promise<Uint8Array | undefined>): void {
    const { content: plain, isToEncode } = waiting;
    waiting.content = undefined;
    waiting.isToEncode = false;
    waiting.pending = promise;
    promise.then(
      (encoded) =>
        this.#kept(waiting, promise, encoded ?? plain, isToEncode && encoded !== undefined),
      (error: unknown) => {
        if (waiting.pending === promise) this.#break(error);
      },
    );
  }

  #kept(
    waiting: Waiting,
    promise: Promise<Uint8Array | undefined>,
    content: Message | undefined,
    isEncoded: boolean,
  ): void {
    if (waiting.pending !== promise) return;
    waiting.content = content;
    if (isEncoded) waiting.firstByte = withRsv1(waiting.firstByte);
    if (waiting !== this.#first) return;
    this.#move();
    if (!this.#isClosed) this.#host.moved();
  }

  #break(error: unknown): void {
    if (this.#isClosed) return;
    this.clear();
    this.#host.broke(error);
  }

  #copy(bytes: Uint8Array): Uint8Array {
    const copy = this.#host.platform.allocate(bytes.length);
    copy.set(bytes);
    return copy;
  }
}
