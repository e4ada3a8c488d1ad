// The port to what the protocol needs from outside and JavaScript itself does not have: random bits,
// SHA-1, text as bytes, and memory. Whoever runs the protocol fills it once per process; nothing else
// crosses this line, which is why this folder compiles without Node's or the browser's types.

/** What the protocol needs from the platform that it runs on. */
export interface Platform {
  /** SHA-1 of the text's bytes, in base64; the text is ASCII (RFC 6455 §4.2.2). */
  sha1Base64(text: string): string;
  /** `size` unpredictable bytes from a cryptographic source. */
  randomBytes(size: number): Uint8Array;
  /** A masking key: 32 unpredictable bits as an integer (RFC 6455 §5.3, §10.3). */
  maskingKey(): number;
  /** Whether the bytes are valid UTF-8, all of them; asked for long runs only. */
  isUtf8(bytes: Uint8Array): boolean;
  /** The text in `bytes[start, end)`, known to be valid UTF-8. A byte order mark is kept. */
  decodeUtf8(bytes: Uint8Array, start: number, end: number): string;
  /** The text in `bytes[start, end)`, known to be ASCII. */
  decodeAscii(bytes: Uint8Array, start: number, end: number): string;
  /**
   * Writes the text as UTF-8 at `offset`, where there is room for it; lone surrogates become U+FFFD.
   * Returns how many bytes were written.
   */
  encodeUtf8Into(text: string, target: Uint8Array, offset: number): number;
  /** How many bytes the text takes as UTF-8. */
  utf8ByteLength(text: string): number;
  /** `size` bytes of a buffer that `allocate` has taken, from `offset` on, as `allocate` gives them. */
  view(buffer: ArrayBufferLike, offset: number, size: number): Uint8Array;
  /** What XORs long runs of bytes many at a time, where there is such a thing. */
  readonly simd?: Simd | undefined;
  /** Memory of exactly `size` bytes, not necessarily zeroed: the protocol writes every byte it shows. */
  allocate(size: number): Uint8Array;
}

/** Vector instructions, which reach one piece of memory: the buffer that sockets are read into. */
export interface Simd {
  readonly memory: Uint8Array;
  /**
   * XORs `memory[start, end)`, a multiple of 64 bytes and not none, with a word in the byte order of
   * this machine.
   */
  xor(start: number, end: number, word: number): void;
}
