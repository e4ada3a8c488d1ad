// UTF-8 checked as it arrives (RFC 3629; RFC 6455 §8.1), at any split, failing at the first byte that
// can no longer begin or go on to a valid code point. The state between two runs of bytes is one small
// integer: how many continuation bytes are due, and the range that the next one must lie in (which is
// how overlong forms, surrogates and code points beyond U+10FFFF are kept out).

import type { Platform } from "./platform.ts";

/** The state between two code points: text may begin and end here. */
export const utf8Boundary = 0;

/** The state after a byte that is not UTF-8. */
export const utf8Invalid = -1;

/**
 * Checks `bytes[start, end)`, which follow on a text in `state`; returns the state after them, or
 * `utf8Invalid`.
 */
export function checkUtf8(state: number, bytes: Uint8Array, start: number, end: number): number {
  let due = state & 0xff;
  let low = (state >> 8) & 0xff;
  let high = state >> 16;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (due > 0) {
      if (byte < low || byte > high) return utf8Invalid;
      due--;
      low = 0x80;
      high = 0xbf;
    } else if (byte >= 0x80) {
      // 80–BF is a continuation byte without a lead; C0, C1 and F5–FF are in no valid form.
      if (byte < 0xc2 || byte > 0xf4) return utf8Invalid;
      due = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
      low = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
      high = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
    }
  }
  return due === 0 ? utf8Boundary : due | (low << 8) | (high << 16);
}

/** Below this many bytes the loop above is faster than asking the platform. */
const nativeFromBytes = 64;

/**
 * The same as `checkUtf8`, with the platform's own check for the long middle of the run: all but the
 * code point that is open at its start and the one that may be open at its end.
 */
export function checkLongUtf8(
  platform: Platform,
  state: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  if (end - start < nativeFromBytes) return checkUtf8(state, bytes, start, end);
  const middle = start + (state & 0xff);
  const atMiddle = checkUtf8(state, bytes, start, middle);
  if (atMiddle !== utf8Boundary) return utf8Invalid;
  const tail = lastLead(bytes, end);
  if (!platform.isUtf8(bytes.subarray(middle, tail))) return utf8Invalid;
  return checkUtf8(utf8Boundary, bytes, tail, end);
}

/** Where the code point begins that may be cut off at `end`: a lead byte among the last three. */
function lastLead(bytes: Uint8Array, end: number): number {
  for (let i = end - 1; i >= end - 3; i--) {
    const byte = bytes[i] as number;
    if (byte >= 0xc0) return i;
    if (byte < 0x80) return end;
  }
  return end;
}
