// Node's side of the protocol's port: hashes, random bits, text and memory, all from public APIs.

import { Buffer, isUtf8 } from "node:buffer";
import { hash, randomBytes, randomFillSync } from "node:crypto";
import { BlockPool, type Platform } from "../protocol/index.ts";
import { allocate, viewAsBuffer } from "./memory.ts";
import { simd } from "./vector-xor.ts";

/** Masking keys are drawn from a pool of random bytes: asking the CSPRNG for four costs 100 times more. */
const keyPool = new Uint32Array(4 * 1024);
let keysUsed = keyPool.length;

function maskingKey(): number {
  if (keysUsed === keyPool.length) {
    randomFillSync(keyPool);
    keysUsed = 0;
  }
  return keyPool[keysUsed++] as number;
}

function asBuffer(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What `hawser/protocol` needs, from Node. */
export const nodePlatform: Platform = {
  // 0.5 µs; with `createHash` and bytes that are then written in base64 here it was 3.5.
  sha1Base64: (text) => hash("sha1", text, "base64"),
  randomBytes: (size) => randomBytes(size),
  maskingKey,
  isUtf8: (bytes) => isUtf8(bytes),
  decodeUtf8: (bytes, start, end) => asBuffer(bytes).toString("utf8", start, end),
  decodeAscii: (bytes, start, end) => asBuffer(bytes).toString("latin1", start, end),
  encodeUtf8Into: (text, target, offset) => asBuffer(target).write(text, offset, "utf8"),
  utf8ByteLength: (text) => Buffer.byteLength(text, "utf8"),
  view: viewAsBuffer,
  simd,
  allocate,
};

/** The blocks that all connections of this process join their small frames in. */
export const nodeBlocks: BlockPool = new BlockPool(nodePlatform);
