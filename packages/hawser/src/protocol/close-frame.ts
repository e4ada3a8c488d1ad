// The payload of a Close frame (RFC 6455 §5.5.1): two bytes of code, then the reason as UTF-8. What we
// send is checked before anything is written; what comes in is the receiver's to check.

import { CloseCode, isWireCloseCode, maxCloseReasonBytes } from "./close-code.ts";
import { UsageError } from "./errors.ts";
import type { Platform } from "./platform.ts";

/** The payload for a code and reason; the code 1005 stands for none and gives an empty one. */
export function closePayload(platform: Platform, code: number, reason: string): Uint8Array {
  if (code === CloseCode.noCode) return platform.allocate(0);
  const payload = platform.allocate(2 + platform.utf8ByteLength(reason));
  payload[0] = code >>> 8;
  payload[1] = code & 0xff;
  platform.encodeUtf8Into(reason, payload, 2);
  return payload;
}

/**
 * Whether a user may close with these.
 *
 * @throws UsageError HAWSER_CLOSE_CODE_INVALID, HAWSER_CLOSE_REASON_TYPE,
 * HAWSER_CLOSE_REASON_WITHOUT_CODE or HAWSER_CLOSE_REASON_TOO_LONG
 */
export function checkCloseArguments(
  platform: Platform,
  code: number | undefined,
  reason: string,
): void {
  if (code !== undefined && !(Number.isInteger(code) && isWireCloseCode(code))) {
    throw new UsageError(
      "HAWSER_CLOSE_CODE_INVALID",
      `${code} is no close code that may be sent: use 1000–1003, 1007–1014 or 3000–4999 (RFC 6455 §7.4)`,
    );
  }
  if (typeof reason !== "string") {
    throw new UsageError("HAWSER_CLOSE_REASON_TYPE", "a close reason must be a string");
  }
  if (code === undefined && reason !== "") {
    throw new UsageError("HAWSER_CLOSE_REASON_WITHOUT_CODE", "a close reason needs a close code");
  }
  const size = platform.utf8ByteLength(reason);
  if (size > maxCloseReasonBytes) {
    throw new UsageError(
      "HAWSER_CLOSE_REASON_TOO_LONG",
      `a close reason has at most ${maxCloseReasonBytes} bytes of UTF-8, this has ${size}`,
    );
  }
}
