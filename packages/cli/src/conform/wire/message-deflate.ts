// permessage-deflate (RFC 7692 §7.2) with what was agreed on: one message in, one out. The history
// of a direction is its last octets, given to zlib anew with every message.

import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { WireFault } from "./frame-reader.ts";

/** What was agreed on, seen from the tester. */
export interface DeflateAgreement {
  /** Of what the tester sends. */
  readonly outgoing: DirectionAgreement;
  /** Of what the peer sends. */
  readonly incoming: DirectionAgreement;
}

export interface DirectionAgreement {
  readonly takesOver: boolean;
  readonly windowBits: number;
}

/** The end of a deflated message that is not sent, RFC 7692 §7.2.1. */
const tail = Buffer.of(0x00, 0x00, 0xff, 0xff);
/** No message of a test is longer. */
const maxInflated = 64 * 1024 * 1024;

export class MessageDeflate {
  readonly #agreement: DeflateAgreement;
  #sent: Buffer = Buffer.alloc(0);
  #received: Buffer = Buffer.alloc(0);

  constructor(agreement: DeflateAgreement) {
    this.#agreement = agreement;
  }

  deflate(content: Buffer): Buffer {
    const { takesOver, windowBits } = this.#agreement.outgoing;
    // An empty stored block would be left of an empty content, which §7.2.3.6 asks for.
    if (content.length === 0) return Buffer.of(0x00);
    const deflated = deflateRawSync(content, {
      windowBits,
      // Figures shall be the peer's, and not those of our own zlib.
      level: 3,
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(this.#sent.length > 0 && { dictionary: this.#sent }),
    });
    if (takesOver) this.#sent = history(this.#sent, content, windowBits);
    return deflated.subarray(0, deflated.length - tail.length);
  }

  /** @throws {WireFault} when it is no DEFLATE data, or refers to what is outside of the window */
  inflate(deflated: Buffer): Buffer {
    const { takesOver, windowBits } = this.#agreement.incoming;
    let content: Buffer;
    try {
      content = inflateRawSync(Buffer.concat([deflated, tail]), {
        windowBits,
        // zlib sees a reference beyond the window only once it is beyond the output of one call, too.
        chunkSize: 2 ** (windowBits - 1),
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: maxInflated,
        ...(this.#received.length > 0 && { dictionary: this.#received }),
      });
    } catch (error) {
      const { message } = error as Error;
      throw new WireFault(`a message can't be inflated: ${message}`, "RFC 7692 §7.2.2");
    }
    if (takesOver) this.#received = history(this.#received, content, windowBits);
    return content;
  }
}

/** The last octets of what has gone over, as many as the window holds. */
function history(before: Buffer, content: Buffer, windowBits: number): Buffer {
  const size = 2 ** windowBits;
  if (content.length >= size) return Buffer.from(content.subarray(content.length - size));
  const kept = before.subarray(Math.max(0, before.length + content.length - size));
  return Buffer.concat([kept, content]);
}
