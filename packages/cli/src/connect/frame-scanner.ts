// Finds the frames in the bytes of one direction (RFC 6455 §5.2) and judges nothing: what breaks the rules is to be
// seen as well. Of a payload the beginning is kept, and unmasked.

export interface SeenFrame {
  readonly fin: boolean;
  /** RSV1 is 4, RSV2 2, RSV3 1. */
  readonly rsv: number;
  readonly opcode: number;
  /** The masking key; undefined when the frame is not masked. */
  readonly key: Uint8Array | undefined;
  readonly payloadBytes: number;
  /** The first bytes of the payload, unmasked. */
  readonly beginning: Uint8Array;
  /** When its first byte was seen, and its last, in milliseconds. */
  readonly beganAt: number;
  readonly endedAt: number;
}

/** Enough for any control frame. */
const keptBytes = 125;

type Header = Pick<SeenFrame, "fin" | "rsv" | "opcode" | "key" | "payloadBytes">;

export class FrameScanner {
  readonly #seen: (frame: SeenFrame) => void;
  #head: number[] = [];
  #header: Header | undefined;
  #beginning: number[] = [];
  #readBytes = 0;
  #beganAt = 0;

  constructor(seen: (frame: SeenFrame) => void) {
    this.#seen = seen;
  }

  /** How much has come of a frame that is not complete; undefined between frames. */
  get unfinished():
    | { readonly readBytes: number; readonly header: Header | undefined }
    | undefined {
    if (this.#header === undefined && this.#head.length === 0) return undefined;
    return { readBytes: this.#readBytes, header: this.#header };
  }

  push(bytes: Uint8Array, now: number): void {
    let position = 0;
    while (position < bytes.length) {
      if (this.#header === undefined) {
        if (this.#head.length === 0) this.#beganAt = now;
        this.#head.push(bytes[position++] as number);
        this.#header = parseHeader(this.#head);
      } else {
        position = this.#takePayload(this.#header, bytes, position);
      }
      this.#endIfWhole(now);
    }
  }

  #takePayload({ key, payloadBytes }: Header, bytes: Uint8Array, from: number): number {
    const end = Math.min(bytes.length, from + payloadBytes - this.#readBytes);
    for (let i = from; i < end && this.#beginning.length < keptBytes; i++) {
      const mask = key?.[this.#beginning.length % 4] ?? 0;
      this.#beginning.push((bytes[i] as number) ^ mask);
    }
    this.#readBytes += end - from;
    return end;
  }

  #endIfWhole(endedAt: number): void {
    const header = this.#header;
    if (header === undefined || this.#readBytes < header.payloadBytes) return;
    const beginning = Uint8Array.from(this.#beginning);
    this.#head = [];
    this.#header = undefined;
    this.#beginning = [];
    this.#readBytes = 0;
    this.#seen({ ...header, beginning, beganAt: this.#beganAt, endedAt });
  }
}

/** The header; undefined while bytes of it are missing. */
function parseHeader(bytes: readonly number[]): Header | undefined {
  const [first = 0, second = 0] = bytes;
  const short = second & 0x7f;
  const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
  const isMasked = (second & 0x80) !== 0;
  const keyFrom = 2 + lengthBytes;
  if (bytes.length < keyFrom + (isMasked ? 4 : 0) || bytes.length < 2) return undefined;
  const long = bytes.slice(2, keyFrom).reduce((length, byte) => length * 256 + byte, 0);
  return {
    fin: (first & 0x80) !== 0,
    rsv: (first >> 4) & 7,
    opcode: first & 15,
    key: isMasked ? Uint8Array.from(bytes.slice(keyFrom)) : undefined,
    payloadBytes: lengthBytes === 0 ? short : long,
  };
}
