// A whole message as one frame in memory of its own: for a server that sends the same bytes to many,
// and for a message that may be replaced while it waits.

import type { Message } from "./content.ts";
import { finBit, frameHeaderBytes, writeFrameHeader } from "./frame-header.ts";
import { applyMask } from "./masking.ts";
import { Opcode } from "./opcode.ts";
import type { Platform } from "./platform.ts";

/**
 * The frame of a text or binary message, for `Endpoint.sendEncoded`. A client has to mask each frame
 * with a key of its own (RFC 6455 §5.3); a server must not mask, so it can send one frame to many.
 */
export function encodeMessage(
  platform: Platform,
  message: Message,
  maskingKey?: number,
): Uint8Array {
  const isText = typeof message === "string";
  const length = isText ? platform.utf8ByteLength(message) : message.length;
  const header = frameHeaderBytes(length, maskingKey !== undefined);
  const frame = platform.allocate(header + length);
  writeFrameHeader(frame, 0, finBit | (isText ? Opcode.text : Opcode.binary), length, maskingKey);
  if (isText) platform.encodeUtf8Into(message, frame, header);
  else frame.set(message, header);
  if (maskingKey !== undefined) applyMask(frame, header, frame.length, maskingKey, 0);
  return frame;
}
