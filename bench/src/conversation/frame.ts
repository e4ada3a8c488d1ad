// The bytes of a frame, built once before anything is measured. The masking key is always the same, so
// the same message is the same bytes, and neither the load nor a floor has to mask or to parse.

import { Buffer } from "node:buffer";

/** The first byte: FIN and the opcode, and RSV1 for a compressed message. */
export const firstByte = { text: 0x81, binary: 0x82, compressedText: 0xc1 } as const;

const maskingKey = Buffer.from("5ca1ab1e", "hex");

/** A frame as a client sends it. */
export function maskedFrame(first: number, payload: Uint8Array): Buffer {
  const masked = Buffer.from(payload);
  for (let i = 0; i < masked.length; i++) {
    masked[i] = (masked[i] as number) ^ (maskingKey[i % 4] as number);
  }
  return Buffer.concat([frameHeader(first, payload.length, 0x80), maskingKey, masked]);
}

/** A frame as a server sends it. */
export function unmaskedFrame(first: number, payload: Uint8Array): Buffer {
  return Buffer.concat([frameHeader(first, payload.length, 0), payload]);
}

/** `count` times the same bytes. */
export function repeated(bytes: Buffer, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => bytes));
}

/** The first byte, the mask bit, and the length in the shortest form. */
function frameHeader(first: number, payloadBytes: number, maskBit: number): Buffer {
  if (payloadBytes < 126) return Buffer.from([first, maskBit | payloadBytes]);
  if (payloadBytes < 2 ** 16) {
    const header = Buffer.from([first, maskBit | 126, 0, 0]);
    header.writeUInt16BE(payloadBytes, 2);
    return header;
  }
  const header = Buffer.alloc(10);
  header.set([first, maskBit | 127]);
  header.writeBigUInt64BE(BigInt(payloadBytes), 2);
  return header;
}
