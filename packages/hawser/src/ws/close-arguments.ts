// What may be given to `close`, checked as `ws` does.

import { Buffer } from "node:buffer";
import { isWireCloseCode } from "../protocol/close-code.ts";

/** The reason as text. @throws TypeError or RangeError */
export function closeMessage(code: unknown, data: string | Buffer | undefined): string {
  if (code === undefined) return "";
  if (typeof code !== "number" || !isWireCloseCode(code)) {
    throw new TypeError("First argument must be a valid error code number");
  }
  if (data === undefined || data.length === 0) return "";
  const bytes = typeof data === "string" ? Buffer.byteLength(data) : data.length;
  if (bytes > 123) throw new RangeError("The message must not be greater than 123 bytes");
  return data.toString();
}
