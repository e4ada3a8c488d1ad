// The port of the protocol on what browsers, Bun, Deno and Node have in common. The web's own SHA-1 is
// asynchronous, so there is one here (RFC 3174 §6.1).

import type { Platform } from "../../dist/protocol/index.js";

/** What all of them have, and no library of types that all tests share. */
interface WebGlobals {
  readonly crypto: { getRandomValues<View extends ArrayBufferView>(view: View): View };
  btoa(text: string): string;
}
const web = globalThis as unknown as WebGlobals;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

export const webPlatform: Platform = {
  sha1Base64: (text) => web.btoa(String.fromCharCode(...sha1(encoder.encode(text)))),
  randomBytes: (size) => web.crypto.getRandomValues(new Uint8Array(size)),
  maskingKey: () => web.crypto.getRandomValues(new Uint32Array(1))[0] as number,
  isUtf8(bytes) {
    try {
      strict.decode(bytes);
      return true;
    } catch {
      return false;
    }
  },
  decodeUtf8: (bytes, start, end) => strict.decode(bytes.subarray(start, end)),
  decodeAscii: (bytes, start, end) => strict.decode(bytes.subarray(start, end)),
  encodeUtf8Into: (text, target, offset) =>
    encoder.encodeInto(text, target.subarray(offset)).written,
  utf8ByteLength: (text) => encoder.encode(text).length,
  view: (buffer, offset, size) => new Uint8Array(buffer, offset, size),
  allocate: (size) => new Uint8Array(size),
};

function sha1(message: Uint8Array): Uint8Array {
  const padded = new Uint8Array((((message.length + 8) >> 6) << 6) + 64);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, message.length * 8);
  const sums = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
  const words = new Int32Array(80);
  for (let block = 0; block < padded.length; block += 64) {
    for (let t = 0; t < 16; t++) words[t] = view.getInt32(block + 4 * t);
    for (let t = 16; t < 80; t++) {
      const at = (back: number): number => words[t - back] as number;
      words[t] = rotate(at(3) ^ at(8) ^ at(14) ^ at(16), 1);
    }
    addBlock(sums, words);
  }
  const digest = new DataView(new ArrayBuffer(20));
  for (const [i, sum] of sums.entries()) digest.setInt32(4 * i, sum);
  return new Uint8Array(digest.buffer);
}

function addBlock(sums: Int32Array, words: Int32Array): void {
  let [a, b, c, d, e] = sums as unknown as [number, number, number, number, number];
  for (let t = 0; t < 80; t++) {
    const next = (rotate(a, 5) + mix(t, b, c, d) + e + (words[t] as number)) | 0;
    [a, b, c, d, e] = [next, a, rotate(b, 30), c, d];
  }
  for (const [i, value] of [a, b, c, d, e].entries()) sums[i] = (sums[i] as number) + value;
}

function mix(t: number, b: number, c: number, d: number): number {
  if (t < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (t < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (t < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
