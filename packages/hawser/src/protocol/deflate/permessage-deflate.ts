// permessage-deflate on one connection (RFC 7692 §7.2): what a message's payload is, around the port to
// DEFLATE itself. Both directions are made when they are first needed, so a connection that is idle, or
// sends nothing worth compressing, costs one small object. With context takeover everything that was
// compressed has to be sent that way, because the peer's window follows ours.

import type { Extension } from "../extension.ts";
import { limitExceeded } from "../fault.ts";
import type { DeflateAgreement } from "./agreement.ts";
import type { Deflater, Inflater } from "./engine.ts";
import { permessageDeflate } from "./parameters.ts";

/** "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail end" (§7.2.1). */
const tailBytes = 4;

/** An empty block, without its tail (§7.2.3.6). */
const emptyMessage = Uint8Array.of(0);

export class PermessageDeflate implements Extension {
  readonly #agreement: DeflateAgreement;
  #deflater: Deflater | undefined;
  #inflater: Inflater | undefined;
  #isClosed = false;

  constructor(agreement: DeflateAgreement) {
    this.#agreement = agreement;
    agreement.resources.budget?.reserve(agreement.contextBytes);
  }

  get name(): string {
    return permessageDeflate;
  }

  get minBytes(): number {
    return this.#agreement.minBytes;
  }

  get sharedEncoding(): string | undefined {
    return this.#agreement.sharedEncoding;
  }

  decode(payload: Uint8Array, maxBytes: number): Uint8Array | Promise<Uint8Array> {
    // The tail alone is no DEFLATE data: an empty message has the payload 00 (§7.2.3.6).
    if (payload.length === 0) throw new RangeError("a compressed message has at least one byte");
    const { resources, receiving } = this.#agreement;
    const inflater = (this.#inflater ??= resources.engine.inflater(receiving));
    const content = inflater.inflate(payload, maxBytes);
    if (content instanceof Promise) return content.then((late) => checkSize(late, maxBytes));
    return checkSize(content, maxBytes);
  }

  encode(content: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    // As it is it takes no byte; compressed it takes one (§7.2.3.6).
    if (content.length === 0) {
      return this.#agreement.resources.sendsLonger === true ? emptyMessage.slice() : undefined;
    }
    const blocks = this.#deflate(content);
    if (blocks instanceof Promise) return blocks.then((late) => this.#payload(content, late));
    return this.#payload(content, blocks);
  }

  /** Blocks end at a byte boundary with each part; the tail of the last is the message's (§7.2.1). */
  encodePart(content: Uint8Array, isLast: boolean): Uint8Array | Promise<Uint8Array> {
    if (content.length === 0) return isLast ? emptyMessage.slice() : content;
    const blocks = this.#deflate(content);
    if (!isLast) return blocks;
    return blocks instanceof Promise ? blocks.then(withoutTail) : withoutTail(blocks);
  }

  #deflate(content: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const { resources, sending } = this.#agreement;
    const deflater = (this.#deflater ??= resources.engine.deflater(sending));
    return deflater.deflate(content);
  }

  #payload(content: Uint8Array, blocks: Uint8Array): Uint8Array | undefined {
    const length = blocks.length - tailBytes;
    const { sending, resources } = this.#agreement;
    const isPlainFine = !sending.takeover && resources.sendsLonger !== true;
    if (length >= content.length && isPlainFine) return undefined;
    return withoutTail(blocks);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#deflater?.close();
    this.#inflater?.close();
    const { resources, contextBytes } = this.#agreement;
    resources.budget?.release(contextBytes);
  }
}

function withoutTail(blocks: Uint8Array): Uint8Array {
  return blocks.subarray(0, blocks.length - tailBytes);
}

function checkSize(content: Uint8Array | undefined, maxBytes: number): Uint8Array {
  // Inflating ends where the limit is passed, so one byte more is all that is known.
  if (content === undefined) throw limitExceeded("HAWSER_MESSAGE_TOO_BIG", maxBytes, maxBytes + 1);
  return content;
}
