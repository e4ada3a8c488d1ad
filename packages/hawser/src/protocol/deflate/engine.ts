// The port to DEFLATE itself (RFC 1951), which the platform brings. What the engine knows is streams
// of blocks; what a message is, its tail, its limits and its negotiation are this folder's.

/** How one direction of a connection is compressed. */
export interface DeflateParameters {
  /** The LZ77 window as a power of two, 8 to 15. */
  readonly windowBits: number;
  /** Whether the window is kept from one message to the next. */
  readonly takeover: boolean;
}

/** One direction of a connection, sending. */
export interface Deflater {
  /**
   * The content as DEFLATE blocks flushed to a byte boundary (zlib's Z_SYNC_FLUSH): it ends in
   * 00 00 ff ff. Not called again while a promise is pending. The content may be changed by its owner
   * once the call has returned bytes, or the promise is settled.
   */
  deflate(content: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** Lets go of all memory; a promise that is pending need not settle. May be called twice. */
  close(): void;
}

/** One direction of a connection, receiving. */
export interface Inflater {
  /**
   * The content of `payload`, to which 00 00 ff ff is to be appended: at most `maxBytes` bytes, else
   * undefined. While inflating at most that and 64 KiB are held. A payload that is no DEFLATE data is
   * any error thrown. Not called again while a promise is pending; `payload` is not changed until
   * then.
   */
  inflate(
    payload: Uint8Array,
    maxBytes: number,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** Lets go of all memory; a promise that is pending need not settle. May be called twice. */
  close(): void;
}

/** DEFLATE on this platform. */
export interface DeflateEngine {
  /** The smallest window that `deflater` can keep to; zlib's is 9. */
  readonly minDeflateWindowBits: number;
  /** Bytes of memory that a deflater holds between messages; next to none without takeover. */
  deflaterBytes(parameters: DeflateParameters): number;
  /** The same of an inflater. */
  inflaterBytes(parameters: DeflateParameters): number;
  deflater(parameters: DeflateParameters): Deflater;
  inflater(parameters: DeflateParameters): Inflater;
}
