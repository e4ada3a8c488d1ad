// Frames as the tester reads them: octets in, frames out, and every rule that a single frame can
// break is checked here, once, with the words of the RFC. What spans frames is message-reader.ts.

import { applyMask, opcodes } from "./frame.ts";

/** A frame that came. */
export interface Frame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  /** Unmasked. */
  readonly payload: Buffer;
  /** The beginning of it as it was on the wire, for the log. */
  readonly octets: Buffer;
}

/** The peer has broken a rule of the protocol on the wire. */
export class WireFault extends Error {
  /** The rule, such as "RFC 6455 §5.1". */
  readonly section: string;

  constructor(message: string, section: string) {
    super(message);
    this.section = section;
  }
}

/** What the reader expects of every frame. */
export interface FrameRules {
  /** Whether the peer is a client, which has to mask. */
  readonly masked: boolean;
  /** Whether permessage-deflate was agreed on, which gives RSV1 a meaning. */
  readonly deflate: boolean;
}

/** No message of a test is longer: more is a fault, not a reason to run out of memory. */
const maxPayload = 64 * 1024 * 1024;
/** Octets of a frame that are kept for the log. */
const keptOctets = 64;

interface Header {
  readonly first: number;
  readonly masked: boolean;
  readonly size: number;
  readonly length: number;
}

export class FrameReader {
  readonly #rules: FrameRules;
  #chunks: Buffer[] = [];
  #available = 0;

  constructor(rules: FrameRules) {
    this.#rules = rules;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#available += chunk.length;
  }

  /** What has come of a frame that is not there whole. */
  get rest(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /**
   * The next frame that is there whole.
   *
   * @throws {WireFault} as soon as its header breaks a rule
   */
  next(): Frame | undefined {
    const header = this.#header();
    if (header === undefined || this.#available < header.size + header.length) return undefined;
    const octets = this.#take(header.size + header.length);
    const payload = octets.subarray(header.size);
    const kept = Buffer.from(octets.subarray(0, keptOctets));
    if (header.masked) applyMask(payload, octets.subarray(header.size - 4, header.size));
    return {
      fin: (header.first & 0x80) !== 0,
      rsv: (header.first >> 4) & 7,
      opcode: header.first & 0xf,
      masked: header.masked,
      payload,
      octets: kept,
    };
  }

  #header(): Header | undefined {
    if (this.#available < 2) return undefined;
    const start = this.#peek(14);
    const [first = 0, second = 0] = start;
    const masked = (second & 0x80) !== 0;
    checkFirstOctet(first, this.#rules);
    checkMask(masked, this.#rules);
    const short = second & 0x7f;
    const size = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (masked ? 4 : 0);
    checkControl(first, short);
    if (start.length < size) return undefined;
    return { first, masked, size, length: readLength(start, short) };
  }

  #peek(count: number): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= count) return first.subarray(0, count);
    if (this.#chunks.length > 1) this.#chunks = [this.rest];
    return (this.#chunks[0] as Buffer).subarray(0, count);
  }

  #take(count: number): Buffer {
    const whole = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : this.rest;
    this.#available -= count;
    this.#chunks = this.#available === 0 ? [] : [whole.subarray(count)];
    return whole.subarray(0, count);
  }
}

function checkFirstOctet(first: number, { deflate }: FrameRules): void {
  const opcode = first & 0xf;
  const rsv = (first >> 4) & 7;
  const known: readonly number[] = Object.values(opcodes);
  if (!known.includes(opcode)) throw new WireFault(`the opcode ${opcode} is reserved`, "§5.2");
  const mayHaveRsv1 = deflate && (opcode === opcodes.text || opcode === opcodes.binary);
  if ((rsv & ~(mayHaveRsv1 ? 4 : 0)) !== 0) {
    throw new WireFault(`reserved bits are ${rsv}, and nothing was agreed on for them`, "§5.2");
  }
}

function checkMask(masked: boolean, rules: FrameRules): void {
  if (masked === rules.masked) return;
  const message = masked ? "a server must not mask its frames" : "a client must mask its frames";
  throw new WireFault(message, "§5.1");
}

function checkControl(first: number, short: number): void {
  if ((first & 0x8) === 0) return;
  if ((first & 0x80) === 0) throw new WireFault("a control frame is fragmented", "§5.5");
  if (short > 125) throw new WireFault("a control frame is longer than 125 octets", "§5.5");
}

function readLength(start: Buffer, short: number): number {
  if (short < 126) return short;
  const length = short === 126 ? BigInt(start.readUInt16BE(2)) : start.readBigUInt64BE(2);
  if (length < (short === 126 ? 126n : 65_536n)) {
    throw new WireFault("the length is not in its shortest form", "§5.2");
  }
  if (length > BigInt(maxPayload)) throw new WireFault(`a frame of ${length} octets`, "§10.4");
  return Number(length);
}
