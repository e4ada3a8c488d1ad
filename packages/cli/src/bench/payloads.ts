// The messages: each begins with who sent it, which one it is, when it was to be sent, and a check of these, and
// goes on with words that depend on its number. So whatever comes back says by itself whether it is one of ours,
// whole, unchanged, and how long it took. Binary messages have the four as words of 32 bits, little-endian; texts
// have them as hexadecimal digits.
//
// The memory of a message is used again for a later one. That is right where the connection copies what it is
// given before `send` returns, which a client that masks always does, and one that compresses doesn't.

import { Buffer } from "node:buffer";

const binaryHeaderBytes = 16;
const textHeaderBytes = 32;

/** From here on comparing in C++ is cheaper than a loop: the call alone costs as much as 150 turns. */
const longBodyBytes = 160;

/** So many different bodies of each size: a body under another message's header is noticed. */
const bodiesPerSize = 8;
/** Fewer of them above 1 MiB in all, which would be memory for little. */
const manyBytes = 1024 * 1024;

/** What a message that came is. */
export type Verdict =
  /** As it was sent. */
  | "intact"
  /** It says which one it is, but what follows is not what was sent. */
  | "altered"
  /** It is as long as ours are, and does not say which one it is. */
  | "unreadable"
  /** Nothing that this bench has sent. */
  | "unknown";

export interface PayloadOptions {
  /** Message n has the size `sizes[n % sizes.length]`, in bytes. */
  readonly sizes: readonly number[];
  readonly isText: boolean;
  /** Whether what was given to `send` may be changed once it has returned. */
  readonly isReused: boolean;
  /** A number of the run: messages of another run are unknown. */
  readonly seed: number;
}

/** The smallest message that has room for what is checked, in bytes. */
export function minMessageBytes(isText: boolean): number {
  return isText ? textHeaderBytes : binaryHeaderBytes;
}

export class Payloads {
  readonly #seed: number;
  readonly #isReused: boolean;
  readonly #headerBytes: number;
  readonly #binaries: readonly Buffer[];
  readonly #views: readonly DataView[];
  /** Of texts, what follows the header. */
  readonly #texts: readonly string[] | undefined;
  readonly #lengths: ReadonlySet<number>;

  // Of the message that was read last.
  connection = 0;
  sequence = 0;
  timeMicros = 0;

  constructor({ sizes, isText, isReused, seed }: PayloadOptions) {
    this.#seed = seed;
    this.#isReused = isReused;
    this.#headerBytes = minMessageBytes(isText);
    const allBytes = sizes.reduce((sum, size) => sum + size, 0);
    const count = sizes.length * (allBytes > manyBytes ? 2 : bodiesPerSize);
    const random = randomFrom(seed);
    this.#binaries = Array.from({ length: count }, (_, index) => {
      return words(sizes[index % sizes.length] as number, random);
    });
    this.#views = this.#binaries.map((body) => {
      return new DataView(body.buffer, body.byteOffset, body.length);
    });
    this.#texts = isText
      ? this.#binaries.map((body) => body.toString("latin1", textHeaderBytes))
      : undefined;
    this.#lengths = new Set(sizes);
  }

  /** The message with that number. */
  write(connection: number, sequence: number, timeMicros: number): string | Buffer {
    const time = timeMicros >>> 0;
    const check = this.#check(connection, sequence, time);
    const index = sequence % this.#binaries.length;
    const body = this.#texts?.[index];
    if (body !== undefined) return hex(connection) + hex(sequence) + hex(time) + hex(check) + body;
    const view = this.#views[index] as DataView;
    view.setUint32(0, connection, true);
    view.setUint32(4, sequence, true);
    view.setUint32(8, time, true);
    view.setUint32(12, check, true);
    const message = this.#binaries[index] as Buffer;
    return this.#isReused ? message : Buffer.from(message);
  }

  /** Reads a message that came, into the fields. */
  read(message: string | Buffer): Verdict {
    const body = this.#readHeader(message);
    if (body === undefined) return this.#lengths.has(message.length) ? "unreadable" : "unknown";
    if (typeof message === "string") {
      const text = this.#texts?.[body];
      const isWhole = text !== undefined && message.length === textHeaderBytes + text.length;
      return isWhole && message.endsWith(text) ? "intact" : "altered";
    }
    if (this.#texts !== undefined) return "altered";
    return isSameBody(message, this.#binaries[body] as Buffer) ? "intact" : "altered";
  }

  /** Microseconds from the time in the message that was read last until then. */
  ageMicros(nowMicros: number): number {
    // Both are taken modulo 2^32, so that the difference is right whatever the age of the run.
    return (nowMicros - this.timeMicros) >>> 0;
  }

  /** Which body belongs to the header; undefined when there is no header of ours. */
  #readHeader(message: string | Buffer): number | undefined {
    if (message.length < this.#headerBytes) return undefined;
    let check: number;
    if (this.#texts === undefined) {
      if (typeof message === "string") return undefined;
      this.connection = message.readUInt32LE(0);
      this.sequence = message.readUInt32LE(4);
      this.timeMicros = message.readUInt32LE(8);
      check = message.readUInt32LE(12);
    } else {
      // A text that comes back as binary is ours still, though altered.
      const header =
        typeof message === "string"
          ? message.slice(0, textHeaderBytes)
          : message.toString("latin1", 0, textHeaderBytes);
      this.connection = Number.parseInt(header.slice(0, 8), 16);
      this.sequence = Number.parseInt(header.slice(8, 16), 16);
      this.timeMicros = Number.parseInt(header.slice(16, 24), 16);
      check = Number.parseInt(header.slice(24), 16);
    }
    const isOurs = check === this.#check(this.connection, this.sequence, this.timeMicros);
    return isOurs ? this.sequence % this.#binaries.length : undefined;
  }

  #check(connection: number, sequence: number, time: number): number {
    let mix = Math.imul(connection ^ this.#seed, 0x9e3779b1);
    mix = Math.imul(mix ^ (mix >>> 15) ^ sequence, 0x85ebca6b);
    mix = Math.imul(mix ^ (mix >>> 13) ^ time, 0xc2b2ae35);
    return (mix ^ (mix >>> 16)) >>> 0;
  }
}

function isSameBody(message: Buffer, body: Buffer): boolean {
  const { length } = body;
  if (message.length !== length) return false;
  if (length >= longBodyBytes) {
    return message.compare(body, binaryHeaderBytes, length, binaryHeaderBytes, length) === 0;
  }
  for (let i = binaryHeaderBytes; i < length; i++) if (message[i] !== body[i]) return false;
  return true;
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}

const vocabulary =
  "anchor ballast beam bollard bow cable cleat deck ebb fathom galley halyard harbour hawser helm hull keel knot " +
  "league mast mooring pier port quay rope rudder sail sheet starboard stern tide tiller wake watch winch yard";

/** Words of a harbour, as compressible as texts are. */
function words(byteCount: number, random: () => number): Buffer {
  const known = vocabulary.split(" ");
  const body = Buffer.alloc(byteCount);
  for (let end = 0; end < byteCount; ) {
    const word = known[random() % known.length] as string;
    end += body.write(`${word} `, end, "latin1");
  }
  return body;
}

/** Whole numbers below 2^31, the same ones for the same seed: a linear congruential generator. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
