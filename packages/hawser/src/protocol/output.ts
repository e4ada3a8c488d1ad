// Frames in, bytes out: encodes frames (RFC 6455 §5.2) into the chunks that the transport writes.
// Small frames are joined in one block until the transport takes them, so k answers to one read cost
// one write; that is most of what makes small messages cheap. Large payloads are never copied, unless
// they have to be masked. A chunk always ends where a frame or a large frame's header ends.

import { ChunkQueue } from "./chunk-queue.ts";
import { frameHeaderBytes, maxHeaderBytes, writeFrameHeader } from "./frame-header.ts";
import { applyMask } from "./masking.ts";
import type { Platform } from "./platform.ts";
import type { Role } from "./role.ts";
import { type OnWritten, WriteMarks } from "./write-marks.ts";

/** The size of a block in which small frames are joined. */
const blockBytes = 16 * 1024;

/** The largest frame that is copied to be joined with others. */
const joinBytes = 4 * 1024;

/** How many blocks a pool has out and free at most: 1 MiB. */
const pooledBlocks = 64;

/** What is cut into pieces once all blocks are out, and the smallest: a few small frames find room in it. */
const slabBytes = 64 * 1024;
const pieceBytes = 1024;

/**
 * Blocks that went out and came back: reused memory is warm, fresh memory costs page faults. Who sends to
 * a thousand connections in one turn would have as many blocks out, each cold and nearly empty: past 64
 * they get small pieces of memory that they share.
 */
export class BlockPool {
  readonly #platform: Platform;
  readonly #free: Uint8Array[] = [];
  /** How many blocks outputs have. */
  #out = 0;
  #slab: Uint8Array | undefined;
  #slabUsed = 0;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** Memory of at least so many bytes, at most 16 KiB: a block, or a piece. */
  acquire(bytes: number): Uint8Array {
    if (this.#out >= pooledBlocks && bytes <= joinBytes + maxHeaderBytes) return this.#piece(bytes);
    this.#out++;
    return this.#free.pop() ?? this.#platform.allocate(blockBytes);
  }

  /** What was acquired may be used again. */
  release(block: Uint8Array): void {
    if (block.length !== blockBytes) return;
    this.forget(block);
    if (this.#free.length < pooledBlocks) this.#free.push(block);
  }

  /** What was acquired is not the output's any more, and does not come back. */
  forget(block: Uint8Array): void {
    if (block.length === blockBytes && this.#out > 0) this.#out--;
  }

  #piece(bytes: number): Uint8Array {
    const size = Math.max(bytes, pieceBytes);
    if (this.#slab === undefined || this.#slabUsed + size > slabBytes) {
      this.#slab = this.#platform.allocate(slabBytes);
      this.#slabUsed = 0;
    }
    const start = this.#slabUsed;
    // The next piece begins at a word: masks are applied by words.
    this.#slabUsed = (start + size + 7) & ~7;
    return this.#slab.subarray(start, start + size);
  }
}

/** What outputs of one kind share. */
export interface OutputOptions {
  readonly platform: Platform;
  readonly blocks: BlockPool;
  /** A client masks what it sends. */
  readonly role: Role;
}

export class Output {
  readonly #options: OutputOptions;
  /** Chunks that are complete; undefined while there are none. */
  #chunks: ChunkQueue | undefined;
  /** The block that small frames are being joined in, behind all chunks. */
  #block: Uint8Array | undefined;
  #blockEnd = 0;
  /** The block that the last chunk taken lies in. */
  #lent: Uint8Array | undefined;
  #marks: WriteMarks | undefined;

  /** How many bytes wait to be taken. */
  byteLength = 0;

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  /** Whether more than one chunk waits. */
  get hasSeveral(): boolean {
    const chunks = this.#chunks === undefined ? 0 : this.#chunks.length;
    return chunks + (this.#block === undefined ? 0 : 1) > 1;
  }

  /** A frame whose payload is the text as UTF-8; `firstByte` is FIN, RSV and opcode. */
  text(firstByte: number, text: string): void {
    const roomBytes = text.length * 3 + maxHeaderBytes;
    if (roomBytes > blockBytes) return this.#largeText(firstByte, text);
    const { platform } = this.#options;
    const block = this.#reserve(roomBytes);
    const start = this.#blockEnd;
    const key = this.#newKey();
    const isMasked = key !== undefined;
    // Most texts are ASCII, one byte a unit: the payload is written where it then belongs, and moved
    // only if its real length needs a header of another size.
    const expected = start + frameHeaderBytes(text.length, isMasked);
    const length = platform.encodeUtf8Into(text, block, expected);
    const payload = start + frameHeaderBytes(length, isMasked);
    if (payload !== expected) block.copyWithin(payload, expected, expected + length);
    writeFrameHeader(block, start, firstByte, length, key);
    if (key !== undefined) applyMask(block, payload, payload + length, key, 0);
    this.#blockEnd = payload + length;
    this.byteLength += payload + length - start;
  }

  /** A frame with that payload; one of over 4 KiB must not change until it is written. */
  binary(firstByte: number, payload: Uint8Array): void {
    const length = payload.length;
    const key = this.#newKey();
    const header = frameHeaderBytes(length, key !== undefined);
    if (length > joinBytes && key === undefined) return this.#largeBinary(firstByte, payload);
    const isLarge = length > joinBytes;
    const target = isLarge
      ? this.#options.platform.allocate(header + length)
      : this.#reserve(header + length);
    const start = isLarge ? 0 : this.#blockEnd;
    const at = writeFrameHeader(target, start, firstByte, length, key);
    target.set(payload, at);
    if (key !== undefined) applyMask(target, at, at + length, key, 0);
    if (isLarge) return this.#push(target);
    this.#blockEnd = at + length;
    this.byteLength += header + length;
  }

  /**
   * Whole frames that are encoded already, which others may share: they are not changed. Of those
   * with the same key only the newest goes out, in the place of the oldest that still waits.
   */
  frames(bytes: Uint8Array, key?: string): void {
    if (key !== undefined) return this.#keyedFrames(bytes, key);
    // What many share is not copied for each: four publications to 1,000 cost 2.1 µs each in one writev
    // of theirs, 3.6 in one block per connection. In a block that is begun, they cost one copy.
    if (this.#block === undefined || bytes.length > joinBytes) return this.#push(bytes);
    this.#reserve(bytes.length).set(bytes, this.#blockEnd);
    this.#blockEnd += bytes.length;
    this.byteLength += bytes.length;
  }

  /** How many bytes a frame with this key holds in the queue; 0 when none does. */
  keyedBytes(key: string): number {
    return this.#chunks?.keyedBytes(key) ?? 0;
  }

  /** Has somebody told when all that waits now is written; see `takeWritten`. */
  mark(onWritten: OnWritten): void {
    (this.#marks ??= new WriteMarks()).add(this.byteLength, onWritten);
  }

  /** Something that waited elsewhere to come here will not come any more. */
  lose(onWritten: OnWritten): void {
    (this.#marks ??= new WriteMarks()).lose(onWritten);
  }

  /** Who is to be told when what was taken so far is written; undefined for nobody. */
  takeWritten(): OnWritten[] | undefined {
    const reached = this.#marks?.reached(this.byteLength === 0);
    if (this.#marks?.isEmpty === true) this.#marks = undefined;
    return reached?.length === 0 ? undefined : reached;
  }

  /** Who is to be told that what they wait for is not written: everybody left. */
  takeUnwritten(): OnWritten[] {
    const all = this.#marks?.takeAll() ?? [];
    this.#marks = undefined;
    return all;
  }

  /**
   * The next chunk to write, or undefined when none is left.
   *
   * @param isKept whether the transport may keep it for later, as TLS and HTTP/2 do: then few bytes are copied,
   *   and their block is used again. With a block for each write an echo of 64 B costs 1.4 times as much over
   *   HTTP/2, 1.1 times over TLS.
   */
  take(isKept = false): Uint8Array | undefined {
    const chunk = this.#takeChunk(isKept);
    if (chunk === undefined) return undefined;
    this.byteLength -= chunk.length;
    this.#marks?.took(chunk.length);
    return chunk;
  }

  #takeChunk(isKept: boolean): Uint8Array | undefined {
    if (this.#chunks !== undefined) {
      const chunk = this.#chunks.take();
      if (this.#chunks.length === 0) this.#chunks = undefined;
      return chunk;
    }
    if (this.#block === undefined) return undefined;
    const block = this.#block;
    const chunk = block.subarray(0, this.#blockEnd);
    this.#block = undefined;
    if (!isKept || chunk.length >= joinBytes) {
      this.#lent = block;
      return chunk;
    }
    const copy = this.#options.platform.allocate(chunk.length);
    copy.set(chunk);
    this.#options.blocks.release(block);
    return copy;
  }

  /** Everything that was taken has been written: its memory may be used again. */
  written(): void {
    if (this.#lent === undefined) return;
    this.#options.blocks.release(this.#lent);
    this.#lent = undefined;
  }

  /** The transport keeps what was taken for later: its memory is no longer ours. */
  kept(): void {
    if (this.#lent !== undefined) this.#options.blocks.forget(this.#lent);
    this.#lent = undefined;
  }

  /** Forgets everything that waits. */
  clear(): void {
    this.#chunks = undefined;
    if (this.#block !== undefined) this.#options.blocks.release(this.#block);
    this.#block = undefined;
    this.byteLength = 0;
    this.#marks?.loseAll();
  }

  #newKey(): number | undefined {
    const { role, platform } = this.#options;
    return role === "client" ? platform.maskingKey() : undefined;
  }

  /** The block with room for that many bytes at #blockEnd; a full one becomes a chunk. */
  #reserve(bytes: number): Uint8Array {
    const block = this.#block;
    if (block !== undefined && this.#blockEnd + bytes <= block.length) return block;
    this.#sealBlock();
    this.#blockEnd = 0;
    return (this.#block = this.#options.blocks.acquire(bytes));
  }

  #sealBlock(): void {
    if (this.#block === undefined) return;
    (this.#chunks ??= new ChunkQueue()).push(this.#block.subarray(0, this.#blockEnd));
    this.#options.blocks.forget(this.#block);
    this.#block = undefined;
  }

  #push(chunk: Uint8Array): void {
    this.#sealBlock();
    (this.#chunks ??= new ChunkQueue()).push(chunk);
    this.byteLength += chunk.length;
  }

  #keyedFrames(bytes: Uint8Array, key: string): void {
    if (this.keyedBytes(key) === 0) this.#sealBlock();
    const chunks = (this.#chunks ??= new ChunkQueue());
    const grown = bytes.length - chunks.putKeyed(bytes, key);
    this.byteLength += grown;
    this.#marks?.grew(grown);
  }

  #largeText(firstByte: number, text: string): void {
    const length = this.#options.platform.utf8ByteLength(text);
    const key = this.#newKey();
    const header = frameHeaderBytes(length, key !== undefined);
    const whole = this.#options.platform.allocate(header + length);
    writeFrameHeader(whole, 0, firstByte, length, key);
    this.#options.platform.encodeUtf8Into(text, whole, header);
    if (key !== undefined) applyMask(whole, header, header + length, key, 0);
    this.#push(whole);
  }

  /** Not masked, so the payload goes out as it is: the header joins what waits before it. */
  #largeBinary(firstByte: number, payload: Uint8Array): void {
    const header = frameHeaderBytes(payload.length, false);
    if (this.#block === undefined) {
      const alone = this.#options.platform.allocate(header);
      writeFrameHeader(alone, 0, firstByte, payload.length, undefined);
      this.#push(alone);
    } else {
      const block = this.#reserve(header);
      this.#blockEnd = writeFrameHeader(
        block,
        this.#blockEnd,
        firstByte,
        payload.length,
        undefined,
      );
      this.byteLength += header;
    }
    this.#push(payload);
  }
}
