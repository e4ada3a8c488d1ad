// A publication on its way between nodes, version 1:
//
//   0      version, 1
//   1      flags: 1 binary, 2 not to be compressed, 4 has a key
//   2–13   publisher, 12 random bytes that a node draws when it starts
//   14–19  number of this publication, counted by its publisher over all topics from 1
//   20–25  number of the publisher's publication to the same topic before this one; 0: not known
//   26–    with a key: its length in two bytes and its UTF-8; then the content
//
// The numbers are what order, duplicates and gaps are told by. Integers are big-endian.

import { Buffer } from "node:buffer";
import type { Message } from "../protocol/index.ts";

const version = 1;
const isBinaryFlag = 1;
const isUncompressedFlag = 2;
const hasKeyFlag = 4;
const headerBytes = 26;
const publisherEnd = 14;

/** Bytes of a publisher's id. */
export const publisherBytes = 12;

/** The most bytes of the key of a message that goes to other nodes. */
export const maxKeyBytes = 1_022;

/** A publication between nodes. */
export interface Envelope {
  /** The publisher's id, one character for each byte. */
  readonly publisher: string;
  readonly number: number;
  readonly previous: number;
  readonly message: Message;
  readonly key: string | undefined;
  readonly compress: boolean;
}

/** The bytes of an envelope, in memory of their own. */
export function serializeEnvelope(envelope: Envelope): Buffer {
  const { message, key } = envelope;
  const isText = typeof message === "string";
  const contentBytes = isText ? Buffer.byteLength(message) : message.length;
  const keyBytes = key === undefined ? 0 : Buffer.byteLength(key);
  const start = headerBytes + (key === undefined ? 0 : 2 + keyBytes);
  const bytes = Buffer.allocUnsafe(start + contentBytes);
  bytes[0] = version;
  bytes[1] =
    (isText ? 0 : isBinaryFlag) |
    (envelope.compress ? 0 : isUncompressedFlag) |
    (key === undefined ? 0 : hasKeyFlag);
  bytes.write(envelope.publisher, 2, publisherBytes, "latin1");
  bytes.writeUIntBE(envelope.number, publisherEnd, 6);
  bytes.writeUIntBE(envelope.previous, publisherEnd + 6, 6);
  if (key !== undefined) {
    bytes.writeUInt16BE(keyBytes, headerBytes);
    bytes.write(key, headerBytes + 2, keyBytes);
  }
  if (isText) bytes.write(message, start, contentBytes);
  else bytes.set(message, start);
  return bytes;
}

/** The envelope, whose content is a view; undefined when the bytes are none of this version. */
export function parseEnvelope(bytes: Buffer): Envelope | undefined {
  const flags = bytes[1];
  if (flags === undefined || bytes.length < headerBytes || bytes[0] !== version || flags > 7) {
    return undefined;
  }
  let start = headerBytes;
  let key: string | undefined;
  if ((flags & hasKeyFlag) !== 0) {
    if (bytes.length < start + 2) return undefined;
    const keyStart = start + 2;
    start = keyStart + bytes.readUInt16BE(start);
    if (bytes.length < start) return undefined;
    key = bytes.toString("utf8", keyStart, start);
  }
  return {
    publisher: bytes.toString("latin1", 2, publisherEnd),
    number: bytes.readUIntBE(publisherEnd, 6),
    previous: bytes.readUIntBE(publisherEnd + 6, 6),
    message: (flags & isBinaryFlag) === 0 ? bytes.toString("utf8", start) : bytes.subarray(start),
    key,
    compress: (flags & isUncompressedFlag) === 0,
  };
}
