// With context takeover a connection has a zlib stream of its own, made when first used: priming the kept
// one, as the inflater does, would cost 75 µs per message instead of 15 (1 KiB behind 32 KiB, level 1).
// Small contents go through its handle, large ones and all without handles through its documented side;
// the window is the same.

import type { Deflater } from "../../protocol/deflate/engine.ts";
import { deflateThrough, emptyBlock, syncDeflateBytes } from "./deflate-shared.ts";
import { type DeflateSettings, DeflateStream } from "./deflate-stream.ts";
import { HandleStream } from "./zlib-handle.ts";

export class TakeoverDeflater implements Deflater {
  readonly #settings: DeflateSettings;
  readonly #handles: boolean;
  #stream: DeflateStream | undefined;
  #handle: HandleStream | undefined;

  constructor(settings: DeflateSettings, handles: boolean) {
    this.#settings = settings;
    this.#handles = handles;
  }

  deflate(content: Uint8Array): Uint8Array | Promise<Uint8Array> {
    if (content.length === 0) return emptyBlock.slice();
    this.#stream ??= new DeflateStream(this.#settings);
    if (!this.#handles || content.length > syncDeflateBytes) return this.#stream.deflate(content);
    this.#handle ??= new HandleStream(this.#stream.zlib);
    return deflateThrough(this.#handle, content);
  }

  close(): void {
    this.#stream?.close();
    this.#stream = undefined;
    this.#handle = undefined;
  }
}
