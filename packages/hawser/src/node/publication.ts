// One message on its way to many connections, encoded once for all that can share the bytes: plain, and
// compressed once for each way in which connections without context takeover compress. A connection
// with a window of its own has to compress for itself.

import { Buffer } from "node:buffer";
import {
  type AgreedExtension,
  encodeMessage,
  type Extension,
  type Message,
  MessageEncoder,
} from "../protocol/index.ts";
import { nodePlatform } from "./platform.ts";

/** How a message is published. */
export interface PublishOptions {
  /** With the overflow policy "latest": replaces a message with the same key that is still queued. */
  readonly key?: string;
  /** False sends it uncompressed, to those as well that compression was agreed on with. Default true. */
  readonly compress?: boolean;
}

/** A connection as a publication sees it. */
export interface Recipient {
  /** What was agreed on with it, and its own part of that. */
  readonly agreed: AgreedExtension | undefined;
  readonly extension: Extension | undefined;
  /** Queues whole frames, or a promise of about so many bytes. */
  sendFrames(
    frames: Uint8Array | Promise<Uint8Array>,
    key: string | undefined,
    bytes: number,
  ): boolean;
  /** Queues the message, which the connection encodes itself. */
  sendMessage(message: Message, key: string | undefined): boolean;
}

/** What compresses for many, by the way in which it does: made when a way is first needed. */
export type SharedEncoders = Map<string, MessageEncoder>;

type Frames = Uint8Array | Promise<Uint8Array>;

export class Publication {
  readonly #encoders: SharedEncoders;
  readonly #message: Message;
  readonly #options: PublishOptions;
  #plain: Uint8Array | undefined;
  /** The message in memory of its own. */
  #own: Message | undefined;
  #compressed: Map<string, Frames> | undefined;
  // The last of the compressed: mostly there is one only.
  #lastEncoding = "";
  #last: Frames = new Uint8Array(0);
  /** How many they are, or at most will be. */
  #lastBytes = 0;

  constructor(encoders: SharedEncoders, message: Message, options: PublishOptions) {
    this.#encoders = encoders;
    this.#message = message;
    this.#options = options;
  }

  sendTo(recipient: Recipient): void {
    const { extension } = recipient;
    const { key, compress } = this.#options;
    if (extension === undefined || compress === false) {
      const frames = (this.#plain ??= encodeMessage(nodePlatform, this.#message));
      recipient.sendFrames(frames, key, frames.length);
    } else if (extension.sharedEncoding === undefined) {
      // Bytes are their owner's again when `publish` returns, and these may wait for an encoding.
      this.#own ??= ownMessage(this.#message);
      recipient.sendMessage(this.#own, key);
    } else {
      const frames = this.#framesFor(extension.sharedEncoding, recipient);
      recipient.sendFrames(frames, key, this.#lastBytes);
    }
  }

  #framesFor(encoding: string, { agreed }: Recipient): Frames {
    if (encoding === this.#lastEncoding) return this.#last;
    const compressed = (this.#compressed ??= new Map());
    let frames = compressed.get(encoding);
    if (frames === undefined) {
      frames = this.#encoderFor(encoding, agreed as AgreedExtension).encode(this.#message);
      compressed.set(encoding, frames);
    }
    this.#lastEncoding = encoding;
    this.#last = frames;
    this.#lastBytes = frames instanceof Promise ? this.#contentBytes : frames.length;
    return frames;
  }

  get #contentBytes(): number {
    const message = this.#message;
    return typeof message === "string" ? nodePlatform.utf8ByteLength(message) : message.length;
  }

  #encoderFor(encoding: string, agreed: AgreedExtension): MessageEncoder {
    let encoder = this.#encoders.get(encoding);
    if (encoder === undefined) {
      encoder = new MessageEncoder(nodePlatform, agreed.open());
      this.#encoders.set(encoding, encoder);
    }
    return encoder;
  }
}

function ownMessage(message: Message): Message {
  return typeof message === "string" ? message : Buffer.from(message);
}
