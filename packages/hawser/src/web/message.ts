// Messages as the web's types: what may be sent, and what comes.

import { types } from "node:util";
import type { Message } from "../protocol/index.ts";
import { toUsvString } from "./webidl.ts";

/**
 * A value as `(BufferSource or USVString)`; the bytes are not copied.
 *
 * @throws TypeError for memory that is shared or resizable, and for a symbol
 */
export function toMessage(value: unknown): Message {
  if (types.isAnyArrayBuffer(value)) {
    checkMemory(value, "ArrayBuffer");
    // Detached memory has no bytes left, and no view can be made of it.
    return value.byteLength === 0 ? new Uint8Array(0) : new Uint8Array(value);
  }
  if (types.isArrayBufferView(value)) {
    checkMemory(value.buffer, "ArrayBufferView");
    if (value.buffer.byteLength === 0) return new Uint8Array(0);
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  return toUsvString(value);
}

function checkMemory(memory: ArrayBufferLike, type: string): void {
  const wrong = types.isSharedArrayBuffer(memory)
    ? "shared"
    : (memory as { resizable?: boolean }).resizable === true
      ? "resizable"
      : undefined;
  if (wrong !== undefined) {
    throw new TypeError(`The provided ${type} value must not be ${wrong}.`);
  }
}

/** The bytes of a message that came, in memory of their own. */
export function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  if (byteLength === buffer.byteLength) return buffer as ArrayBuffer;
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}
