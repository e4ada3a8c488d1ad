// The first bytes of the body of a refusal, so that its reader learns why: by Content-Length, chunked,
// or up to the end of the connection (RFC 9112 §6.3), and never more than a fixed amount.

import { type Headers, listHas, singleHeader } from "./headers.ts";
import { decodeLatin1 } from "./message-head.ts";

/** The most of a body that is kept, in bytes. */
export const maxBodyBytes: number = 16 * 1024;

export class BodyReader {
  readonly #isChunked: boolean;
  readonly #expectedBytes: number;
  #bytes = new Uint8Array(0);

  constructor(status: number, headers: Headers) {
    this.#isChunked = listHas(headers, "transfer-encoding", "chunked");
    const hasNone = status === 204 || status === 304;
    const length = hasNone ? 0 : Number(singleHeader(headers, "content-length") ?? Number.NaN);
    const isKnown = !this.#isChunked && Number.isInteger(length) && length >= 0;
    this.#expectedBytes = Math.min(isKnown ? length : maxBodyBytes, maxBodyBytes);
  }

  /** Takes input; true once all of the body is there that will be kept. */
  receive(bytes: Uint8Array): boolean {
    const joined = new Uint8Array(Math.min(this.#bytes.length + bytes.length, this.#expectedBytes));
    joined.set(this.#bytes);
    joined.set(bytes.subarray(0, joined.length - this.#bytes.length), this.#bytes.length);
    this.#bytes = joined;
    return joined.length === this.#expectedBytes || (this.#isChunked && endsWithLastChunk(joined));
  }

  /** The content as far as it came. */
  content(): Uint8Array {
    return this.#isChunked ? joinChunks(this.#bytes) : this.#bytes;
  }
}

const lastChunk = [0x30, 0x0d, 0x0a, 0x0d, 0x0a];

function endsWithLastChunk(bytes: Uint8Array): boolean {
  return lastChunk.every((byte, i) => bytes[bytes.length - lastChunk.length + i] === byte);
}

/** The data of the chunks (RFC 9112 §7.1), up to the first thing that is none. */
function joinChunks(bytes: Uint8Array): Uint8Array {
  const joined = new Uint8Array(bytes.length);
  let length = 0;
  let at = 0;
  while (at < bytes.length) {
    const lineEnd = bytes.indexOf(0x0a, at);
    const size = Number.parseInt(decodeLatin1(bytes.subarray(at, Math.max(lineEnd, at))), 16);
    if (!(size > 0)) break;
    const data = bytes.subarray(lineEnd + 1, lineEnd + 1 + size);
    joined.set(data, length);
    length += data.length;
    at = lineEnd + 1 + size + 2;
  }
  return joined.subarray(0, length);
}
