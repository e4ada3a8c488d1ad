// What may be given to `close`, checked as `ws` does.

import { Buffer } from "node:buffer";

/** The payload of the Close frame. @throws TypeError or RangeError */
export function closePayload(code: unknown, data: unknown): Buffer {
  if (code === undefined) return Buffer.alloc(0);
  if (typeof code !== "number" || !maySend(code)) {
    throw new TypeError("First argument must be a valid error code number");
  }
  // Of null it throws the TypeError that `ws` lets through, too.
  const isThere = data !== undefined && Boolean((data as { length?: unknown }).length);
  const reason = isThere ? reasonBytes(data) : [];
  const payload = Buffer.alloc(2 + reason.length);
  payload.writeUInt16BE(Math.trunc(code));
  payload.set(reason, 2);
  return payload;
}

function reasonBytes(data: unknown): Uint8Array {
  // Of what is neither it throws the TypeError that `ws` lets through.
  if (Buffer.byteLength(data as string) > 123) {
    throw new RangeError("The message must not be greater than 123 bytes");
  }
  if (typeof data === "string") return Buffer.from(data);
  if (data instanceof Uint8Array) return data;
  throw new TypeError("Second argument must be a string or a Uint8Array");
}

/** As `ws` has it, a fraction is cut off. */
function maySend(code: number): boolean {
  if (code >= 1000 && code <= 1014) return code !== 1004 && code !== 1005 && code !== 1006;
  return code >= 3000 && code <= 4999;
}
