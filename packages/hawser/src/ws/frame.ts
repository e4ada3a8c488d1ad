// One frame as `ws` makes it for who asks: `Sender.frame`, and what is masked against the rules.

import { Buffer } from "node:buffer";
import { randomFillSync } from "node:crypto";
import { finBit, frameHeaderBytes, rsv1Bit, writeFrameHeader } from "../protocol/frame-header.ts";
import { applyMask } from "../protocol/masking.ts";
import type { GenerateMask } from "./group.ts";

/** One frame. */
export interface FrameOptions {
  readonly opcode: number;
  readonly fin?: boolean | undefined;
  readonly rsv1?: boolean | undefined;
  readonly mask?: boolean | undefined;
  /** Whether the data must be left as it is; otherwise it is masked in place. */
  readonly readOnly?: boolean | undefined;
  readonly generateMask?: GenerateMask | undefined;
}

const maskBytes = Buffer.alloc(4);

/** The frame, as a header and the data, or as one where they are one piece. */
export function frameOf(data: string | Buffer, options: FrameOptions): Buffer[] {
  const { opcode, fin, rsv1, mask, readOnly, generateMask } = options;
  const firstByte = (fin ? finBit : 0) | (rsv1 ? rsv1Bit : 0) | opcode;
  const payload = typeof data === "string" ? Buffer.from(data) : data;
  const key = mask ? newKey(generateMask) : undefined;
  const header = Buffer.allocUnsafe(frameHeaderBytes(payload.length, key !== undefined));
  writeFrameHeader(header, 0, firstByte, payload.length, key);
  if (payload.length === 0) return [header];
  if (key === undefined || key === 0) return [header, payload];
  // The bytes of a string are ours.
  const isCopied = readOnly && payload === data;
  const target = isCopied ? Buffer.from(payload) : payload;
  applyMask(target, 0, target.length, key, 0);
  return isCopied ? [Buffer.concat([header, target])] : [header, target];
}

/** The same of a text that is not masked, and stays a string: streams encode it. */
export function textFrameOf(text: string, options: FrameOptions): (string | Buffer)[] {
  const [header, payload] = frameOf(text, { ...options, mask: false }) as [Buffer, Buffer?];
  return payload === undefined ? [header] : [header, text];
}

function newKey(generateMask: GenerateMask | undefined): number {
  if (generateMask === undefined) randomFillSync(maskBytes);
  else generateMask(maskBytes);
  return maskBytes.readInt32BE(0);
}
