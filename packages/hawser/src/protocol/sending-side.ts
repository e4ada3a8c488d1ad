// The sending side of an endpoint: messages go out whole or in fragments, plain or encoded, in the order in
// which they were given. What has to wait, for an encoding or for the end of a message, waits in the outbox.

import { contentOf, hasContentBytes, type Message } from "./content.ts";
import type { EndpointOptions, MessageOptions } from "./endpoint-options.ts";
import { UsageError } from "./errors.ts";
import type { Extension } from "./extension.ts";
import { finBit } from "./frame-header.ts";
import { Opcode } from "./opcode.ts";
import { Outbox, putEncoded } from "./outbox.ts";
import { Output } from "./output.ts";
import type { OnWritten } from "./write-marks.ts";

const wholeMessage: MessageOptions = {};

/** What is the case just now: a bit each, because a field takes eight bytes of every idle connection. */
export const Flag = {
  /** Events are held back. */
  held: 1,
  advancing: 2,
  inputEnded: 4,
  decoding: 8,
  /** The transport can't take more just now; then only the newest ping will be answered. */
  backedUp: 16,
  /** A message of ours has been begun and not ended. */
  inFragments: 32,
  /** Messages are announced before they are read. */
  announcing: 64,
  /** It is sent as it is made: what else is sent are messages of their own. */
  inStream: 128,
  /** Its parts are encoded, as its first was. */
  inEncoded: 256,
} as const;

export abstract class SendingSide<Owner> {
  protected readonly options: EndpointOptions<Owner>;
  /** The extension in use. */
  readonly extension: Extension | undefined;
  /** The bytes to write; whoever runs the endpoint takes them from here. */
  readonly output: Output;
  protected flags = 0;
  /** There while something waits for an encoding, or for the end of a message in fragments. */
  protected outbox: Outbox | undefined;

  constructor(options: EndpointOptions<Owner>, extension: Extension | undefined) {
    this.options = options;
    this.extension = extension;
    this.output = new Output(options);
  }

  /** @throws UsageError HAWSER_NOT_OPEN */
  protected abstract checkOpen(): void;
  /** An encoding is done, and what waited for it has gone into the output. */
  protected abstract encoded(): void;
  protected abstract encodingFailed(error: unknown): void;

  /** Whether any of the flags is set. */
  protected is(flags: number): boolean {
    return (this.flags & flags) !== 0;
  }

  protected put(flag: number, isSet: boolean): void {
    if (isSet) this.flags |= flag;
    else this.flags &= ~flag;
  }

  /**
   * Sends a message, or with `fin: false` the beginning of one that the next calls go on with
   * (RFC 6455 §5.4). Every part has to be of the same type. Whether it is compressed is decided with
   * the first.
   *
   * @throws UsageError HAWSER_NOT_OPEN unless the state is "open"; HAWSER_MESSAGE_OPEN for a part of a
   * message while another one has not ended.
   */
  send(message: Message, options: MessageOptions = wholeMessage): void {
    this.checkOpen();
    const fin = options.fin !== false;
    const wasInFragments = this.is(Flag.inFragments);
    const isOfStream = options.ofStream === true;
    if (wasInFragments && this.isInStream !== isOfStream) {
      return this.#sendBesideFragments(message, options);
    }
    const opcode = wasInFragments ? Opcode.continuation : messageOpcode(message, options);
    const firstByte = (fin ? finBit : 0) | opcode;
    this.put(Flag.inFragments, !fin);
    if (isOfStream) this.put(Flag.inStream, !fin);
    const isEncoded = wasInFragments
      ? this.is(Flag.inEncoded)
      : this.#isWorthEncoding(message, options) &&
        (fin || this.extension?.encodePart !== undefined);
    this.put(Flag.inEncoded, isEncoded && !fin);
    if (isEncoded) {
      return this.#sendThrough(this.extension as Extension, firstByte, message, options.onWritten);
    }
    if (this.outbox !== undefined) {
      return this.#sendBehind(this.outbox, firstByte, message, false, options.onWritten);
    }
    if (typeof message === "string") this.output.text(firstByte, message);
    else this.output.binary(firstByte, message);
    if (options.onWritten !== undefined) this.output.mark(options.onWritten);
  }

  /**
   * Sends whole messages that `encodeMessage` or a `MessageEncoder` made, a client's with a masking
   * key of their own. They wait for the end of a message in fragments. Of a promise `bytes` says about
   * how many there will be.
   *
   * @throws UsageError HAWSER_NOT_OPEN unless the state is "open".
   */
  sendEncoded(frames: Uint8Array | Promise<Uint8Array>, key?: string, bytes = 0): void {
    this.checkOpen();
    if (this.outbox === undefined && !this.isInFragments && frames instanceof Uint8Array) {
      return this.output.frames(frames, key);
    }
    this.#waiting().frames(frames, bytes, key, this.isInFragments);
    this.dropEmptyOutbox();
  }

  /**
   * Sends a frame that somebody made, in its turn: a message or, with `fin: false` or while a message is in
   * fragments, a part of one, whose opcode is then that of a continuation.
   *
   * @throws UsageError HAWSER_NOT_OPEN unless the state is "open".
   */
  sendFrame(frame: Uint8Array, fin: boolean, onWritten?: OnWritten): void {
    this.checkOpen();
    this.put(Flag.inFragments, !fin);
    const outbox = this.outbox;
    if (outbox === undefined) {
      this.output.frames(frame);
      if (onWritten !== undefined) this.output.mark(onWritten);
      return;
    }
    outbox.frames(frame, frame.length, undefined, false, onWritten);
    if (fin) outbox.endFragments();
    this.dropEmptyOutbox();
  }

  /** Whether a message of ours has been begun and not ended. */
  get isInFragments(): boolean {
    return this.is(Flag.inFragments);
  }

  /** Whether it is one that is sent as it is made. */
  get isInStream(): boolean {
    return this.is(Flag.inStream);
  }

  /** How many bytes wait in the endpoint to be taken by the transport. */
  get bufferedBytes(): number {
    const outbox = this.outbox;
    if (outbox === undefined) return this.output.byteLength;
    return this.output.byteLength + outbox.encodingBytes + outbox.behindFragmentsBytes;
  }

  /**
   * How many of `bufferedBytes` wait for an encoding, content counted: they will come into `output` by
   * themselves, followed by `events.output`.
   */
  get encodingBytes(): number {
    return this.outbox?.encodingBytes ?? 0;
  }

  /** How many bytes the next frames with this key would replace; 0 when none wait. */
  keyedBytes(key: string): number {
    return this.outbox?.keyedBytes(key) || this.output.keyedBytes(key);
  }

  /** Whether anything waits for an encoding, such as our Close frame: the transport must not end yet. */
  get isEncoding(): boolean {
    return this.outbox?.isEncoding === true;
  }

  /** One that is sent as it is made may be larger than what a peer decodes, which has to be whole. */
  #isWorthEncoding(message: Message, { compress, ofStream }: MessageOptions): boolean {
    const { extension } = this;
    if (extension === undefined || compress === false || ofStream === true) return false;
    return hasContentBytes(this.options.platform, message, extension.minBytes);
  }

  #sendThrough(
    extension: Extension,
    firstByte: number,
    message: Message,
    onWritten: OnWritten | undefined,
  ): void {
    if (this.outbox !== undefined) {
      return this.#sendBehind(this.outbox, firstByte, message, true, onWritten);
    }
    const content = contentOf(this.options.platform, message);
    try {
      const payload = putEncoded(this.output, extension, firstByte, content);
      if (payload !== undefined) this.#waiting().encoding(firstByte, content, payload, onWritten);
      else if (onWritten !== undefined) this.output.mark(onWritten);
    } catch (error) {
      if (onWritten !== undefined) this.output.lose(onWritten);
      this.encodingFailed(error);
    }
  }

  /** A message of its own, which waits for the end of the one in fragments. */
  #sendBesideFragments(message: Message, options: MessageOptions): void {
    if (options.fin === false || options.ofStream === true) {
      throw new UsageError(
        "HAWSER_MESSAGE_OPEN",
        "another message is being sent in parts, and has not ended (RFC 6455 §5.4)",
      );
    }
    const isToEncode = this.#isWorthEncoding(message, options);
    const firstByte = finBit | messageOpcode(message, options);
    this.#waiting().message(firstByte, message, isToEncode, options.onWritten, true);
  }

  #sendBehind(
    outbox: Outbox,
    firstByte: number,
    message: Message,
    isToEncode: boolean,
    onWritten: OnWritten | undefined,
  ): void {
    outbox.message(firstByte, message, isToEncode, onWritten);
    if (!this.isInFragments) outbox.endFragments();
    this.dropEmptyOutbox();
  }

  #waiting(): Outbox {
    return (this.outbox ??= new Outbox({
      platform: this.options.platform,
      output: this.output,
      extension: this.extension,
      moved: () => {
        this.dropEmptyOutbox();
        this.encoded();
      },
      broke: (error) => this.encodingFailed(error),
    }));
  }

  protected dropEmptyOutbox(): void {
    if (this.outbox?.isEmpty === true) this.outbox = undefined;
  }
}

function messageOpcode(message: Message, { isText }: MessageOptions): Opcode {
  return (isText ?? typeof message === "string") ? Opcode.text : Opcode.binary;
}
