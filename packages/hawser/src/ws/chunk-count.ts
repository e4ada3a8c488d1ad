// In how many pieces an unfinished frame has come: what `maxBufferedChunks` of `ws` limits. Here they become
// one piece of memory, so it is only about peers that send a frame byte by byte.

import { CloseCode, LimitError } from "../protocol/index.ts";

export class ChunkCount {
  #chunks = 0;
  #heldBytes = 0;

  /** A chunk was read; so many bytes of payload are there now of a frame that is not complete. */
  read(chunkBytes: number, heldBytes: number): void {
    // What is held back has not been read.
    if (heldBytes === this.#heldBytes && heldBytes > 0) return;
    const isSameFrame = heldBytes === this.#heldBytes + chunkBytes;
    if (heldBytes === 0) this.#chunks = 0;
    else this.#chunks = isSameFrame ? this.#chunks + 1 : 1;
    this.#heldBytes = heldBytes;
  }

  /** The error for one chunk more, if that is too many. */
  faultOfNext(maxChunks: number): LimitError | undefined {
    if (maxChunks <= 0 || this.#chunks < maxChunks) return undefined;
    const message = "a frame came in too many pieces";
    const { policyViolation } = CloseCode;
    const code = "HAWSER_TOO_MANY_CHUNKS";
    return new LimitError(code, message, maxChunks, this.#chunks + 1, policyViolation);
  }
}
