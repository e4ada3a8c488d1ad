// The bytes of both directions, built once before anything is measured. Every connection sends the
// same key and the same payload, so every right answer is known in advance, byte for byte: neither the
// load nor the floor has to parse. Key and accept value are the example of RFC 6455 §1.3.

import { Buffer } from "node:buffer";

export const upgradeRequest: Buffer = httpHead([
  "GET / HTTP/1.1",
  "Host: 127.0.0.1",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
]);

export const upgradeResponse: Buffer = httpHead([
  "HTTP/1.1 101 Switching Protocols",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
]);

/** `count` times the frame of a binary message of that size, as a client sends it. */
export function maskedFrames(messageBytes: number, count: number): Buffer {
  const maskingKey = Buffer.from("5ca1ab1e", "hex");
  const masked = payloadOf(messageBytes).map((byte, i) => byte ^ (maskingKey[i % 4] as number));
  const frame = Buffer.concat([frameHeader(messageBytes, 0x80), maskingKey, masked]);
  return repeated(frame, count);
}

/** `count` times the frame of the same message, as a server sends it back. */
export function unmaskedFrames(messageBytes: number, count: number): Buffer {
  return repeated(Buffer.concat([frameHeader(messageBytes, 0), payloadOf(messageBytes)]), count);
}

function httpHead(lines: readonly string[]): Buffer {
  return Buffer.from([...lines, "", ""].join("\r\n"), "latin1");
}

function payloadOf(messageBytes: number): Uint8Array {
  return Uint8Array.from({ length: messageBytes }, (_, i) => i % 251);
}

/** FIN and the opcode of a binary message, the mask bit, and the length in the shortest form. */
function frameHeader(messageBytes: number, maskBit: number): Buffer {
  if (messageBytes < 126) return Buffer.from([0x82, maskBit | messageBytes]);
  if (messageBytes < 2 ** 16) {
    const header = Buffer.from([0x82, maskBit | 126, 0, 0]);
    header.writeUInt16BE(messageBytes, 2);
    return header;
  }
  const header = Buffer.alloc(10);
  header.set([0x82, maskBit | 127]);
  header.writeBigUInt64BE(BigInt(messageBytes), 2);
  return header;
}

function repeated(frame: Buffer, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => frame));
}
