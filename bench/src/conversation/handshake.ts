// The opening handshake in prebuilt bytes: key and accept value are the example of RFC 6455 §1.3, for
// servers that know what they will be asked.

import { Buffer } from "node:buffer";

/** The key of every connection of the load. */
const key = "dGhlIHNhbXBsZSBub25jZQ==";

export function upgradeRequest(target = "/", extensions?: string): Buffer {
  return httpHead([
    `GET ${target} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${key}`,
    "Sec-WebSocket-Version: 13",
    ...(extensions === undefined ? [] : [`Sec-WebSocket-Extensions: ${extensions}`]),
  ]);
}

/** The answer to it; `accept` is for a request with another key. */
export function upgradeResponse(accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="): Buffer {
  return httpHead([
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
  ]);
}

function httpHead(lines: readonly string[]): Buffer {
  return Buffer.from([...lines, "", ""].join("\r\n"), "latin1");
}
