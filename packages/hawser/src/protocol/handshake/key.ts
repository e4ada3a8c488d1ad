// The challenge of the opening handshake: the server proves that it read the client's key and speaks
// WebSocket (RFC 6455 §1.3, §4.2.2 (5.4)).

import type { Platform } from "../platform.ts";
import { toBase64 } from "./base64.ts";

/** "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", the GUID of RFC 6455 §1.3. */
const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** A new Sec-WebSocket-Key: 16 unpredictable bytes in base64 (§4.1 (7)). */
export function newKey(platform: Platform): string {
  return toBase64(platform.randomBytes(16));
}

/** The Sec-WebSocket-Accept that answers the key. */
export function acceptFor(platform: Platform, key: string): string {
  return platform.sha1Base64(key + guid);
}
