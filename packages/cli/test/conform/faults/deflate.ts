// permessage-deflate of the server of these tests, with the mistakes that it may make. The history of a
// direction is its last octets, given to zlib anew with every message.

import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import type { Has } from "./fault-list.js";
import { Violation } from "./frame-parser.js";
import type { Deflate } from "./opening.js";

const tail = Buffer.of(0, 0, 0xff, 0xff);
const maxInflated = 2 ** 24;

export class DeflateCodec {
  readonly #agreed: Deflate;
  readonly #has: Has;
  #sent: Buffer = Buffer.alloc(0);
  #received: Buffer = Buffer.alloc(0);

  constructor(agreed: Deflate, has: Has) {
    this.#agreed = agreed;
    this.#has = has;
  }

  inflate(data: Buffer, parts: readonly Buffer[]): Buffer {
    const has = this.#has;
    if (has("inflates each fragment by itself") && parts.length > 1) {
      return Buffer.concat(parts.map((part) => this.#inflateOne(part)));
    }
    if (has("refuses a block with BFINAL") && ((data[0] ?? 0) & 1) === 1) throw new Violation(1007);
    return this.#inflateOne(data);
  }

  #inflateOne(data: Buffer): Buffer {
    const has = this.#has;
    try {
      const content = inflateRawSync(Buffer.concat([data, tail]), {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: maxInflated,
        ...(this.#received.length > 0 && { dictionary: this.#received }),
      });
      if (!has("forgets the history of the client")) {
        this.#received = Buffer.concat([this.#received, content]).subarray(-32_768);
      }
      return content;
    } catch (error) {
      if ((error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE") throw new Violation(1009);
      if (has("echoes data that can't be inflated as it is")) return data;
      throw new Violation(has("fails bad DEFLATE data with 1000") ? 1000 : 1007);
    }
  }

  deflate(content: Buffer): Buffer {
    const has = this.#has;
    const { serverTakesOver, serverBits } = this.#agreed;
    const deflated = deflateRawSync(content, {
      windowBits: has("ignores the limit of its window") ? 15 : serverBits,
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(this.#sent.length > 0 && { dictionary: this.#sent }),
    });
    if (serverTakesOver || has("ignores server_no_context_takeover")) {
      const size = has("ignores the limit of its window") ? 32_768 : 2 ** serverBits;
      this.#sent = Buffer.concat([this.#sent, content]).subarray(-size);
    }
    const cut = has("cuts five octets of DEFLATE data") ? 5 : 4;
    return deflated.subarray(0, -cut);
  }
}
