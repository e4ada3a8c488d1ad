// One direction of a connection, receiving: starts synchronously, and hands what turns out to be large to
// zlib's threads, from the start again. Memory between messages is the history alone.

import type { DeflateParameters, Inflater } from "../../protocol/deflate/engine.ts";
import { History } from "./history.ts";
import { inflateByHandle } from "./inflate-handle.ts";
import { inflateByCall, InflateRun } from "./inflate-public.ts";
import { Inflation } from "./inflation.ts";
import { scratchBytes } from "./scratch.ts";

/**
 * Content of at most this many bytes is inflated synchronously: JSON of that size takes 30 µs, as much
 * as the event loop spends to have a thread do it.
 */
export const syncInflateBytes: number = scratchBytes - 1;

/** Payloads of more than this many bytes hardly ever have so little content, so nobody tries. */
const syncPayloadBytes = 32 * 1024;

export class ZlibInflater implements Inflater {
  readonly #history: History | undefined;
  readonly #segment: typeof inflateByHandle;
  #run: InflateRun | undefined;
  #closed = false;

  constructor({ windowBits, takeover }: DeflateParameters, handles: boolean) {
    this.#history = takeover ? new History(1 << windowBits) : undefined;
    this.#segment = handles ? inflateByHandle : inflateByCall;
  }

  inflate(
    payload: Uint8Array,
    maxBytes: number,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const limit = Math.min(maxBytes, syncInflateBytes);
    if (payload.length <= syncPayloadBytes) {
      const content = this.#inflateNow(payload, limit);
      if (content !== undefined || limit === maxBytes) return content;
    }
    return this.#inflateInThreads(payload, maxBytes);
  }

  close(): void {
    this.#closed = true;
    this.#run?.close();
    this.#run = undefined;
  }

  #inflateNow(payload: Uint8Array, limit: number): Uint8Array | undefined {
    const inflation = new Inflation(payload, this.#history, limit);
    for (;;) {
      const segment = this.#segment(inflation.rest, inflation.window, inflation.room);
      if (segment === undefined) return undefined;
      const content = inflation.accept(segment);
      if (content === undefined) continue;
      this.#history?.append(content);
      return content;
    }
  }

  async #inflateInThreads(payload: Uint8Array, maxBytes: number): Promise<Uint8Array | undefined> {
    const inflation = new Inflation(payload, this.#history, maxBytes);
    for (;;) {
      const { rest, window, room } = inflation;
      this.#run = new InflateRun(rest, window, room);
      const segment = await this.#run.segment;
      this.#run = undefined;
      // Closed just now: whoever waits is not told anything any more.
      if (this.#closed) return new Promise(() => undefined);
      if (segment === undefined) return undefined;
      const content = inflation.accept(segment);
      if (content === undefined) continue;
      this.#history?.append(content);
      return content;
    }
  }
}
