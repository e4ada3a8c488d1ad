// The surroundings of a command in memory: what it writes can be waited for, and nothing is printed.

import { once } from "node:events";
import { PassThrough, Writable } from "node:stream";
import type { Io } from "../dist/index.js";

/** Collects text. */
export class TextSink extends Writable {
  isTTY = false;
  readonly #chunks: Buffer[] = [];

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get text(): string {
    return this.bytes.toString();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.#chunks.push(chunk);
    callback();
    this.emit("text");
  }

  /** Resolves with the match once the text has one. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.text);
      if (match !== null) return match;
      await once(this, "text");
    }
  }
}

export class MemoryIo implements Io {
  readonly stdin: PassThrough = new PassThrough();
  readonly stdout: TextSink = new TextSink();
  readonly stderr: TextSink = new TextSink();
  readonly #interrupt: AbortController = new AbortController();

  get signal(): AbortSignal {
    return this.#interrupt.signal;
  }

  /** As Ctrl+C. */
  interrupt(): void {
    this.#interrupt.abort();
  }
}
