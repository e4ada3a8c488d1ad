// Bytes in, messages out: the frame reader with the message assembly of RFC 6455 §5, pulled one event
// at a time. Invariant: for any split of the input the sequence of events is the same, and each byte
// is touched a bounded number of times. `next()` returns what happened and leaves its data in the
// fields below, so nothing is allocated per event, and holding back is simply not calling it.
// A broken rule or limit is thrown, from one of the tables in fault.ts.

import { isWireCloseCode, CloseCode } from "./close-code.ts";
import { limitExceeded, violation } from "./fault.ts";
import {
  finBit,
  maskBit,
  maxControlPayloadBytes,
  opcodeBits,
  rsv1Bit,
  rsvBits,
} from "./frame-header.ts";
import { FrameReader, noBytes, readUint16 } from "./frame-reader.ts";
import { applyMaskToText } from "./masking.ts";
import { MessageAssembler } from "./message-assembler.ts";
import { isControlOpcode, isReservedOpcode, Opcode } from "./opcode.ts";
import { unmaskedCopy } from "./unmasked-copy.ts";
import { checkLongUtf8, checkUtf8, utf8Boundary, utf8Invalid } from "./utf8.ts";

/** What `next()` found; "starved" means that it needs more input. */
export type ReceiverEvent =
  | "starved"
  | "text"
  | "binary"
  | "compressed"
  | "begin"
  | "part"
  | "ping"
  | "pong"
  | "close";

/** Texts of at most this many bytes are unmasked and recognised as ASCII in one loop. */
const shortTextBytes = 512;

/**
 * What DEFLATE adds to data that it can't make smaller is less than an eighth (literals of nine bits,
 * RFC 1951 §3.2.6) and this; the content itself is limited by whoever decodes it.
 */
const compressedExtraBytes = 64;

export class Receiver extends FrameReader {
  // The message that is being read; no message when #messageOpcode is 0.
  #messageOpcode = 0;
  #messageCompressed = false;
  #fragments = 0;
  /** Where the payloads of the frames ended, of a message of several. */
  #fragmentEnds: number[] | undefined;
  #utf8 = utf8Boundary;
  #assembler: MessageAssembler | undefined;

  // Messages in parts: see `announceMessages`.
  #announces = false;
  /** The message was announced, and it is not settled yet how to give it. */
  #isBegun = false;
  #isInParts = false;
  /** How many bytes a message in parts may have, and how many were given of it. */
  #allowedInParts = 0;
  #givenInParts = 0;

  /** The payload so far of a control frame that came in pieces. */
  #control: MessageAssembler | undefined;

  /** After "text": the message. After "close": the reason. */
  text = "";
  /**
   * After "binary", which may be a text as bytes, "compressed", "ping", "pong": the payload. After "part"
   * a piece of it, as a view into the input that is valid until the next call.
   */
  payload: Uint8Array = noBytes;
  /** After "binary", "compressed" and "begin": whether the message is text. */
  isText = false;
  /** After "part": whether the message ends with it. */
  isLast = false;
  /** After "binary": where the fragments of a message end that came in several; undefined otherwise. */
  fragmentEnds: readonly number[] | undefined;
  /** After "close": the code, 1005 when the frame carried none. */
  closeCode = 0;

  /**
   * From the next message on, each that is not compressed is announced by "begin" before anything of it is
   * read. Until `next` is called again, `giveInParts` may be; otherwise it is given whole.
   */
  announceMessages(): void {
    this.#announces = true;
  }

  /**
   * Gives the message that was announced in parts as they come, of at least one byte each but for the last.
   * It may have so many bytes in all, in any number of fragments, and is never held in memory. Does nothing
   * when none was announced.
   */
  giveInParts(maxBytes: number): void {
    if (!this.#isBegun) return;
    this.#isInParts = true;
    this.#allowedInParts = maxBytes;
    this.#givenInParts = 0;
  }

  /** Whether it is in the middle of nothing: all input was read, and no frame or message is unfinished. */
  get isIdle(): boolean {
    return this.#messageOpcode === 0 && this.isBetweenFrames;
  }

  /** Bytes of memory that an unfinished message holds. */
  get heldBytes(): number {
    return this.#assembler?.heldBytes ?? 0;
  }

  /** Forgets all input and any unfinished message, and lets go of their memory: it is as if new. */
  clear(): void {
    this.clearInput();
    this.#control = undefined;
    this.text = "";
    this.payload = noBytes;
    this.#announces = false;
    this.#isBegun = false;
    this.#isInParts = false;
    this.#endMessage();
  }

  /**
   * Reads on to the next message or control frame.
   *
   * @throws ProtocolError or LimitError; the receiver must not be used after that.
   */
  next(): ReceiverEvent {
    if (this.#isBegun) {
      const event = this.#readBegun();
      if (event !== undefined) return event;
    }
    for (;;) {
      if (this.position >= this.end && !this.nextInput()) {
        // An idle connection must not keep its last message alive.
        this.text = "";
        this.payload = noBytes;
        return "starved";
      }
      if (this.opcode < 0) {
        if (!this.readHeader()) continue;
        if (this.#isBegun) return "begin";
      }
      const event = isControlOpcode(this.opcode) ? this.#readControl() : this.#readData();
      if (event !== undefined) return event;
    }
  }

  /** The rules that the first two bytes of a frame can break, as one list. */
  protected override checkFirstBytes(first: number, second: number): void {
    const opcode = first & opcodeBits;
    const isMessageStart = opcode === Opcode.text || opcode === Opcode.binary;
    const allowedRsv = this.rsv1Allowed && isMessageStart ? rsv1Bit : 0;
    const rsv = first & rsvBits & ~allowedRsv;
    if (rsv !== 0) throw violation("HAWSER_UNEXPECTED_RSV", { actual: rsv >> 4 });
    if (isReservedOpcode(opcode)) throw violation("HAWSER_RESERVED_OPCODE", { actual: opcode });
    if (isControlOpcode(opcode)) {
      if (first < finBit) throw violation("HAWSER_CONTROL_FRAGMENTED");
      const length = second & 0x7f;
      if (length > maxControlPayloadBytes) {
        throw violation("HAWSER_CONTROL_TOO_LONG", { actual: length });
      }
      if (opcode === Opcode.close && length === 1) {
        throw violation("HAWSER_CLOSE_PAYLOAD", { actual: length });
      }
    } else if (isMessageStart) {
      if (this.#messageOpcode !== 0) {
        throw violation("HAWSER_EXPECTED_CONTINUATION", { actual: opcode });
      }
    } else if (this.#messageOpcode === 0) {
      throw violation("HAWSER_UNEXPECTED_CONTINUATION", { actual: opcode });
    }
    // "A server MUST NOT mask any frames that it sends to the client", and a client must.
    const isServer = this.options.role === "server";
    if (isServer && second < maskBit) throw violation("HAWSER_MASK_MISSING");
    if (!isServer && second >= maskBit) throw violation("HAWSER_MASK_UNEXPECTED");
  }

  protected override checkMessageSize(opcode: number, first: number, frameBytes: number): void {
    const total = (this.#assembler?.byteLength ?? 0) + frameBytes;
    const allowed = this.options.maxMessageBytes;
    if (total <= allowed) return;
    const isContinuation = opcode === Opcode.continuation;
    const isCompressed = isContinuation ? this.#messageCompressed : (first & rsv1Bit) !== 0;
    if (isCompressed && total <= allowed + allowed / 8 + compressedExtraBytes) return;
    if (!isCompressed && this.#isToBeSettled(isContinuation)) return;
    throw limitExceeded("HAWSER_MESSAGE_TOO_BIG", allowed, total);
  }

  /** Whether the message may be given in parts, which have a limit of their own. */
  #isToBeSettled(isContinuation: boolean): boolean {
    return this.#isInParts || (this.#announces && !isContinuation && !this.#isBegun);
  }

  protected override beginDataFrame(opcode: number, first: number): void {
    if (opcode !== Opcode.continuation) {
      this.#messageOpcode = opcode;
      this.#messageCompressed = (first & rsv1Bit) !== 0;
      if (this.#announces && !this.#messageCompressed) {
        this.#isBegun = true;
        this.isText = opcode === Opcode.text;
      }
    }
    this.#fragments++;
    const allowed = this.options.maxFragments;
    if (this.#fragments > allowed && !this.#isInParts) {
      throw limitExceeded("HAWSER_TOO_MANY_FRAGMENTS", allowed, this.#fragments);
    }
  }

  /** How to give the message is settled now: goes on, although there may be no more input. */
  #readBegun(): ReceiverEvent | undefined {
    if (!this.#isInParts) this.checkMessageSize(this.#messageOpcode, 0, this.payloadBytes);
    this.#isBegun = false;
    return this.#readData();
  }

  #readPart(): "part" | undefined {
    const start = this.position;
    const end = Math.min(start + this.remaining, this.end);
    const total = this.#givenInParts + this.remaining;
    if (total > this.#allowedInParts) {
      throw limitExceeded("HAWSER_MESSAGE_TOO_BIG", this.#allowedInParts, total);
    }
    this.unmask(start, end);
    this.position = end;
    this.remaining -= end - start;
    this.#givenInParts += end - start;
    if (this.#messageOpcode === Opcode.text) this.#checkText(start, end);
    const isFrameEnd = this.remaining === 0;
    if (isFrameEnd) this.opcode = -1;
    this.isLast = isFrameEnd && this.fin;
    if (!this.isLast) {
      if (start === end) return undefined;
    } else {
      if (this.#utf8 !== utf8Boundary) throw violation("HAWSER_INVALID_UTF8");
      this.#isInParts = false;
      this.#endMessage();
    }
    this.payload = this.input.subarray(start, end);
    return "part";
  }

  #readData(): ReceiverEvent | undefined {
    if (this.#isInParts) return this.#readPart();
    const start = this.position;
    const end = Math.min(start + this.remaining, this.end);
    const isWhole = this.fin && this.#fragments === 1 && end - start === this.payloadBytes;
    if (isWhole) return this.#readWholeMessage(start, end);

    this.unmask(start, end);
    this.position = end;
    this.remaining -= end - start;
    const isText = this.#messageOpcode === Opcode.text && !this.#messageCompressed;
    if (isText) this.#checkText(start, end);
    const assembler = (this.#assembler ??= new MessageAssembler(this.options.platform));
    const total = this.fin ? assembler.byteLength + end - start + this.remaining : undefined;
    assembler.append(this.input, start, end, total);

    if (this.remaining > 0) return undefined;
    this.opcode = -1;
    if (this.options.notesFragments === true) {
      (this.#fragmentEnds ??= []).push(assembler.byteLength);
    }
    return this.fin ? this.#deliverAssembled(assembler.take()) : undefined;
  }

  /** The common case: the message is one frame and all of it is in the input. */
  #readWholeMessage(start: number, end: number): ReceiverEvent {
    const { platform, binaryViews } = this.options;
    this.position = end;
    this.opcode = -1;
    if (this.#messageOpcode === Opcode.text && !this.#messageCompressed) {
      return this.#readWholeText(start, end);
    }
    const isCompressed = this.#messageCompressed;
    if (binaryViews && !isCompressed) {
      this.unmask(start, end);
      this.payload = this.input.subarray(start, end);
    } else {
      this.payload = unmaskedCopy(platform, this.input, start, end, this.key);
    }
    this.isText = this.#messageOpcode === Opcode.text;
    this.#endMessage();
    return isCompressed ? "compressed" : "binary";
  }

  #readWholeText(start: number, end: number): ReceiverEvent {
    const { platform, textsAsBytes = false } = this.options;
    const isShort = end - start <= shortTextBytes;
    // Without a mask the key of 0 leaves the bytes as they are and the loop only looks at them.
    const isAscii = isShort && applyMaskToText(this.input, start, end, this.key);
    if (!isAscii) {
      if (!isShort) this.unmask(start, end);
      this.#checkText(start, end);
      if (this.#utf8 !== utf8Boundary) throw violation("HAWSER_INVALID_UTF8");
    }
    this.#endMessage();
    if (textsAsBytes) return this.#giveText(this.copy(this.input, start, end));
    this.text = isAscii
      ? platform.decodeAscii(this.input, start, end)
      : platform.decodeUtf8(this.input, start, end);
    return "text";
  }

  #giveText(bytes: Uint8Array): "binary" {
    this.payload = bytes;
    this.isText = true;
    return "binary";
  }

  #deliverAssembled(whole: Uint8Array): ReceiverEvent {
    const isText = this.#messageOpcode === Opcode.text;
    const isCompressed = this.#messageCompressed;
    const utf8 = this.#utf8;
    this.#endMessage();
    if (!isText || isCompressed) {
      this.payload = whole;
      this.isText = isText;
      return isCompressed ? "compressed" : "binary";
    }
    if (utf8 !== utf8Boundary) throw violation("HAWSER_INVALID_UTF8");
    if (this.options.textsAsBytes === true) return this.#giveText(whole);
    this.text = this.options.platform.decodeUtf8(whole, 0, whole.length);
    return "text";
  }

  #endMessage(): void {
    // Those of compressed bytes say nothing of what they are decoded to.
    this.fragmentEnds = this.#messageCompressed ? undefined : this.#fragmentEnds;
    this.#fragmentEnds = undefined;
    this.#messageOpcode = 0;
    this.#messageCompressed = false;
    this.#fragments = 0;
    this.#utf8 = utf8Boundary;
    this.#assembler = undefined;
  }

  #readControl(): ReceiverEvent | undefined {
    const start = this.position;
    const end = Math.min(start + this.remaining, this.end);
    this.unmask(start, end);
    this.position = end;
    this.remaining -= end - start;
    let payload: Uint8Array;
    // A part may have come before, be it of no bytes: then it is gathered there.
    if (this.#control === undefined && end - start === this.payloadBytes) {
      payload = this.copy(this.input, start, end);
    } else {
      const control = (this.#control ??= new MessageAssembler(this.options.platform));
      control.append(this.input, start, end, this.payloadBytes);
      if (this.remaining > 0) return undefined;
      payload = control.take();
      this.#control = undefined;
    }
    const opcode = this.opcode;
    this.opcode = -1;
    if (opcode === Opcode.close) return this.#readClose(payload);
    this.payload = payload;
    return opcode === Opcode.ping ? "ping" : "pong";
  }

  /** The code and the reason in a Close frame, RFC 6455 §5.5.1. */
  #readClose(payload: Uint8Array): "close" {
    const { platform } = this.options;
    this.closeCode = CloseCode.noCode;
    this.text = "";
    if (payload.length === 0) return "close";
    this.closeCode = readUint16(payload, 0);
    if (!isWireCloseCode(this.closeCode)) {
      throw violation("HAWSER_CLOSE_CODE", { actual: this.closeCode });
    }
    const isUtf8 = checkUtf8(utf8Boundary, payload, 2, payload.length) === utf8Boundary;
    if (!isUtf8 && this.options.checksUtf8 !== false) {
      throw violation("HAWSER_CLOSE_REASON_UTF8");
    }
    this.text = platform.decodeUtf8(payload, 2, payload.length);
    return "close";
  }

  #checkText(start: number, end: number): void {
    if (this.options.checksUtf8 === false) return;
    this.#utf8 = checkLongUtf8(this.options.platform, this.#utf8, this.input, start, end);
    if (this.#utf8 === utf8Invalid) throw violation("HAWSER_INVALID_UTF8");
  }
}
