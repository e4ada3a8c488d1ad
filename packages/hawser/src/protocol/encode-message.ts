// A whole message as one frame in memory of its own: for a server that sends the same bytes to many,
// and for a message that may be replaced while it waits.

import { contentBytes, contentOf, hasContentBytes, type Message } from "./content.ts";
import type { Extension } from "./extension.ts";
import { finBit, frameHeaderBytes, rsv1Bit, writeFrameHeader } from "./frame-header.ts";
import { applyMask } from "./masking.ts";
import { Opcode } from "./opcode.ts";
import type { Platform } from "./platform.ts";

/**
 * How many bytes may wait for the extension. What comes faster than it compresses goes out plain, or
 * messages would pile up here however little their receivers let wait: 1 MiB.
 */
const maxWaitingBytes = 1024 * 1024;

/**
 * The frame of a text or binary message, for `Endpoint.sendEncoded`. A client has to mask each frame
 * with a key of its own (RFC 6455 §5.3); a server must not mask, so it can send one frame to many.
 */
export function encodeMessage(
  platform: Platform,
  message: Message,
  maskingKey?: number,
): Uint8Array {
  return encodeFrame(platform, firstByteOf(message), message, maskingKey);
}

/**
 * Encodes messages through an extension for all connections that have the same `sharedEncoding`: each
 * message is compressed and framed once, and the bytes go to everybody. For servers only, which don't
 * mask. Messages are encoded one after the other, and the caller's bytes are copied first.
 */
export class MessageEncoder {
  readonly #platform: Platform;
  readonly #extension: Extension;
  /** Settles when the extension can be asked again; it never rejects. */
  #busy: Promise<Uint8Array> | undefined;
  /** How many bytes of messages are being encoded or wait for that. */
  #waitingBytes = 0;

  /** The extension becomes the encoder's own: no connection may use it, too. */
  constructor(platform: Platform, extension: Extension) {
    this.#platform = platform;
    this.#extension = extension;
  }

  /**
   * The frame, plain where the extension leaves the message as it is, or a promise of it: for
   * `Endpoint.sendEncoded`. Where the extension fails, or is 1 MiB of messages behind, the message goes
   * out plain, too: nobody's connection depends on it.
   */
  encode(message: Message): Uint8Array | Promise<Uint8Array> {
    const platform = this.#platform;
    const firstByte = firstByteOf(message);
    if (!hasContentBytes(platform, message, this.#extension.minBytes)) {
      return encodeFrame(platform, firstByte, message);
    }
    const bytes = contentBytes(platform, message);
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > maxWaitingBytes) {
      return encodeFrame(platform, firstByte, message);
    }
    const content =
      typeof message === "string" ? contentOf(platform, message) : this.#copy(message);
    const frame =
      this.#busy === undefined
        ? this.#encode(firstByte, content)
        : this.#busy.then(() => this.#encode(firstByte, content));
    if (frame instanceof Promise) void this.#wait(frame, bytes);
    return frame;
  }

  /** Lets go of the extension's memory. */
  close(): void {
    this.#extension.close();
  }

  #encode(firstByte: number, content: Uint8Array): Uint8Array | Promise<Uint8Array> {
    try {
      const payload = this.#extension.encode(content);
      if (!(payload instanceof Promise)) return this.#frame(firstByte, content, payload);
      return payload.then(
        (late) => this.#frame(firstByte, content, late),
        () => this.#frame(firstByte, content, undefined),
      );
    } catch {
      return this.#frame(firstByte, content, undefined);
    }
  }

  #frame(firstByte: number, content: Uint8Array, payload: Uint8Array | undefined): Uint8Array {
    if (payload === undefined) return encodeFrame(this.#platform, firstByte, content);
    return encodeFrame(this.#platform, firstByte | rsv1Bit, payload);
  }

  async #wait(frame: Promise<Uint8Array>, bytes: number): Promise<void> {
    this.#busy = frame;
    this.#waitingBytes += bytes;
    await frame;
    this.#waitingBytes -= bytes;
    if (this.#busy === frame) this.#busy = undefined;
  }

  #copy(bytes: Uint8Array): Uint8Array {
    const copy = this.#platform.allocate(bytes.length);
    copy.set(bytes);
    return copy;
  }
}

function firstByteOf(message: Message): number {
  return finBit | (typeof message === "string" ? Opcode.text : Opcode.binary);
}

function encodeFrame(
  platform: Platform,
  firstByte: number,
  message: Message,
  maskingKey?: number,
): Uint8Array {
  const length = contentBytes(platform, message);
  const header = frameHeaderBytes(length, maskingKey !== undefined);
  const frame = platform.allocate(header + length);
  writeFrameHeader(frame, 0, firstByte, length, maskingKey);
  if (typeof message === "string") platform.encodeUtf8Into(message, frame, header);
  else frame.set(message, header);
  if (maskingKey !== undefined) applyMask(frame, header, frame.length, maskingKey, 0);
  return frame;
}
