// The header of a frame, written (RFC 6455 §5.2): FIN, RSV and opcode in the first byte, then MASK
// and the payload length in its shortest form, then the masking key. Reading it is the receiver's,
// because there it may stop after any byte.

/** The FIN bit of the first byte. */
export const finBit = 0x80;

/** The three reserved bits of the first byte, RSV1 on top. */
export const rsv1Bit = 0x40;
export const rsvBits = 0x70;

/** The opcode, in the first byte. */
export const opcodeBits = 0x0f;

/** The MASK bit of the second byte. */
export const maskBit = 0x80;

/** The largest payload of a control frame, RFC 6455 §5.5. */
export const maxControlPayloadBytes = 125;

/** The longest header there is: 2 bytes, 8 of length, 4 of masking key. */
export const maxHeaderBytes = 14;

/** The size of the header, in bytes, of a frame with that much payload. */
export function frameHeaderBytes(payloadBytes: number, masked: boolean): number {
  const base = payloadBytes < 126 ? 2 : payloadBytes < 0x10000 ? 4 : 10;
  return masked ? base + 4 : base;
}

/**
 * Writes the header at `offset` and returns the offset behind it. `firstByte` is FIN, RSV and opcode;
 * `key` is the masking key, or undefined for a frame that is not masked.
 */
export function writeFrameHeader(
  target: Uint8Array,
  offset: number,
  firstByte: number,
  payloadBytes: number,
  key: number | undefined,
): number {
  const mask = key === undefined ? 0 : maskBit;
  let at = offset;
  target[at++] = firstByte;
  if (payloadBytes < 126) {
    target[at++] = mask | payloadBytes;
  } else if (payloadBytes < 0x10000) {
    target[at++] = mask | 126;
    target[at++] = payloadBytes >>> 8;
    target[at++] = payloadBytes & 0xff;
  } else {
    target[at++] = mask | 127;
    at = writeUint32(target, at, Math.floor(payloadBytes / 0x100000000));
    at = writeUint32(target, at, payloadBytes >>> 0);
  }
  return key === undefined ? at : writeUint32(target, at, key);
}

/** Writes 32 bits in network byte order and returns the offset behind them. */
function writeUint32(target: Uint8Array, offset: number, value: number): number {
  target[offset] = value >>> 24;
  target[offset + 1] = (value >>> 16) & 0xff;
  target[offset + 2] = (value >>> 8) & 0xff;
  target[offset + 3] = value & 0xff;
  return offset + 4;
}
