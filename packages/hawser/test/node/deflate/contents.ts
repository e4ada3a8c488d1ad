// What the tests of this folder deflate and inflate.

import { Buffer } from "node:buffer";
import { constants, deflateRawSync } from "node:zlib";

/** Bytes from hex digits, spaces aside. */
export function hex(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(" ", ""), "hex");
}

/** Text in which much repeats, over any distance. */
export function json(length: number, first = 0): Buffer {
  let text = "";
  for (let i = first; text.length < length; i++) {
    text += `{"id":${i},"price":${(i * 7919) % 10_007},"side":"${i % 3 === 0 ? "buy" : "sell"}"},`;
  }
  return Buffer.from(text.slice(0, length));
}

/** Bytes in which nothing repeats. */
export function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** What a sender without context takeover makes of the content: flushed, without its tail. */
export function payloadOf(content: Uint8Array): Uint8Array {
  return withoutTail(deflateRawSync(content, { finishFlush: constants.Z_SYNC_FLUSH }));
}

/** RFC 7692 §7.2.1: the last four bytes, which are 00 00 ff ff, are not sent. */
export function withoutTail(deflated: Uint8Array): Uint8Array {
  return Uint8Array.from(deflated.subarray(0, -4));
}

/** As much DEFLATE data as it takes for that many MiB of zeros: about 1 KiB each. */
export function bomb(mebibytes: number): Uint8Array {
  const one = deflateRawSync(new Uint8Array(1024 * 1024), {
    finishFlush: constants.Z_FULL_FLUSH,
  });
  const all = new Uint8Array(one.length * mebibytes);
  for (let i = 0; i < mebibytes; i++) all.set(one, i * one.length);
  return withoutTail(all);
}
