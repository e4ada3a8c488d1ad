// DEFLATE for the tests of permessage-deflate, from Node's public zlib. A window that is kept is the
// dictionary of the next message, which gives the bytes that a stream would, with nothing to wait for.

import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import type {
  DeflateEngine,
  DeflateParameters,
  Deflater,
  Inflater,
} from "../../../dist/protocol/index.js";

const tail = Buffer.from([0, 0, 0xff, 0xff]);
const finishFlush = constants.Z_SYNC_FLUSH;

/** What both directions remember. */
class Context {
  readonly #parameters: DeflateParameters;
  #window = Buffer.alloc(0);
  closed = 0;

  constructor(parameters: DeflateParameters) {
    this.#parameters = parameters;
  }

  get options(): { windowBits: number; finishFlush: number; dictionary?: Buffer } {
    const { windowBits } = this.#parameters;
    if (this.#window.length === 0) return { windowBits, finishFlush };
    return { windowBits, finishFlush, dictionary: this.#window };
  }

  remember(content: Uint8Array): void {
    if (!this.#parameters.takeover) return;
    this.#window = Buffer.concat([this.#window, content]).subarray(
      -(2 ** this.#parameters.windowBits),
    );
  }

  close(): void {
    this.closed++;
  }
}

class ZlibDeflater extends Context implements Deflater {
  deflate(content: Uint8Array): Uint8Array {
    const blocks = deflateRawSync(content, this.options);
    this.remember(content);
    return blocks;
  }
}

class ZlibInflater extends Context implements Inflater {
  inflate(payload: Uint8Array, maxOutputLength: number): Uint8Array | undefined {
    try {
      const input = Buffer.concat([payload, tail]);
      const content = inflateRawSync(input, { ...this.options, maxOutputLength });
      this.remember(content);
      return content;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") return undefined;
      throw error;
    }
  }
}

/** With what it has made on record. */
export class ZlibEngine implements DeflateEngine {
  readonly minDeflateWindowBits = 9;
  readonly deflaters: Context[] = [];
  readonly inflaters: Context[] = [];

  deflaterBytes({ windowBits }: DeflateParameters): number {
    return 2 ** windowBits * 8;
  }

  inflaterBytes({ windowBits }: DeflateParameters): number {
    return 2 ** windowBits;
  }

  deflater(parameters: DeflateParameters): Deflater {
    const deflater = new ZlibDeflater(parameters);
    this.deflaters.push(deflater);
    return deflater;
  }

  inflater(parameters: DeflateParameters): Inflater {
    const inflater = new ZlibInflater(parameters);
    this.inflaters.push(inflater);
    return inflater;
  }
}

/** The same, but it answers in a later turn. */
export class LateEngine extends ZlibEngine {
  override deflater(parameters: DeflateParameters): Deflater {
    const deflater = super.deflater(parameters);
    return {
      deflate: async (content) => {
        await Promise.resolve();
        return deflater.deflate(content);
      },
      close: () => deflater.close(),
    };
  }

  override inflater(parameters: DeflateParameters): Inflater {
    const inflater = super.inflater(parameters);
    return {
      inflate: async (payload, maxBytes) => {
        await Promise.resolve();
        return inflater.inflate(payload, maxBytes);
      },
      close: () => inflater.close(),
    };
  }
}
