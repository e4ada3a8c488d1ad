// Frames as bytes, written by hand so that a test can break any rule (RFC 6455 §5.2), and read back
// without using anything of what is tested.

import { Buffer } from "node:buffer";

export interface Frame {
  readonly fin: boolean;
  /** The three reserved bits as a number, RSV1 is 4. */
  readonly rsv: number;
  readonly opcode: number;
  readonly isMasked: boolean;
  readonly maskingKey: Buffer | undefined;
  readonly payload: Buffer;
}

export interface FrameOptions {
  readonly fin?: boolean;
  readonly rsv?: number;
  /** Whether it is masked, as a client's frames are. Default true. */
  readonly masked?: boolean;
  /** The masking key; with four zeros the payload goes out as it is. */
  readonly key?: Buffer;
  /** The payload length that the header says, when it is not the true one. */
  readonly declared?: number | bigint;
  /** Writes the length in this form, even where a shorter one would do: 7, 16 or 64 bits. */
  readonly lengthBits?: 7 | 16 | 64;
}

export const opcodes = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const;

/** The masking key of the example in RFC 6455 §5.7. */
const sampleMaskingKey: Buffer = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

export function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ""), "hex");
}

export function frame(
  opcode: number,
  payload: string | Uint8Array = "",
  options: FrameOptions = {},
): Buffer {
  const { fin = true, rsv = 0, masked = true, key = sampleMaskingKey } = options;
  const content = Buffer.from(payload as Uint8Array);
  const length = BigInt(options.declared ?? content.length);
  const bits = options.lengthBits ?? (length < 126n ? 7 : length < 0x10000n ? 16 : 64);
  const head = Buffer.alloc(bits === 7 ? 2 : bits === 16 ? 4 : 10);
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  head[1] = (masked ? 0x80 : 0) | (bits === 7 ? Number(length) : bits === 16 ? 126 : 127);
  if (bits === 16) head.writeUInt16BE(Number(length), 2);
  if (bits === 64) head.writeBigUInt64BE(length, 2);
  return masked ? Buffer.concat([head, key, mask(content, key)]) : Buffer.concat([head, content]);
}

/** A Close frame with that code, or without any. */
export function closeFrame(
  code?: number,
  reason: string | Uint8Array = "",
  options: FrameOptions = {},
): Buffer {
  if (code === undefined) return frame(opcodes.close, "", options);
  const payload = Buffer.concat([Buffer.alloc(2), Buffer.from(reason as Uint8Array)]);
  payload.writeUInt16BE(code);
  return frame(opcodes.close, payload, options);
}

/** The frame at the front of the bytes with its size, or undefined while it is not complete. */
export function parseFrame(bytes: Buffer): { frame: Frame; size: number } | undefined {
  if (bytes.length < 2) return undefined;
  const isMasked = (bytes[1] as number) >= 0x80;
  let length = (bytes[1] as number) & 0x7f;
  let at = 2;
  if (length === 126) {
    if (bytes.length < 4) return undefined;
    length = bytes.readUInt16BE(2);
    at = 4;
  } else if (length === 127) {
    if (bytes.length < 10) return undefined;
    length = Number(bytes.readBigUInt64BE(2));
    at = 10;
  }
  const maskingKey = isMasked ? bytes.subarray(at, (at += 4)) : undefined;
  if (bytes.length < at + length) return undefined;
  const payload = Buffer.from(bytes.subarray(at, at + length));
  const first = bytes[0] as number;
  return {
    frame: {
      fin: first >= 0x80,
      rsv: (first >> 4) & 7,
      opcode: first & 0x0f,
      isMasked,
      maskingKey,
      payload: maskingKey === undefined ? payload : mask(payload, maskingKey),
    },
    size: at + length,
  };
}

/** The code and the reason in a Close frame's payload; 1005 when it has none. */
export function closeOf({ payload }: Frame): { code: number; reason: string } {
  if (payload.length === 0) return { code: 1005, reason: "" };
  return { code: payload.readUInt16BE(0), reason: payload.toString("utf8", 2) };
}

function mask(payload: Buffer, maskingKey: Buffer): Buffer {
  return payload.map((byte, i) => byte ^ (maskingKey[i % 4] as number)) as Buffer;
}
