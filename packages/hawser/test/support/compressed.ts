// Messages as permessage-deflate puts them on the wire (RFC 7692 §7.2), made and read by Node's zlib
// alone, without anything of what is tested.

import { Buffer } from "node:buffer";
import {
  constants,
  createDeflateRaw,
  createInflateRaw,
  type DeflateRaw,
  deflateRawSync,
  type InflateRaw,
  inflateRawSync,
} from "node:zlib";
import { type Frame, frame, type FrameOptions, opcodes } from "./frame.ts";

const tail = Buffer.from([0, 0, 0xff, 0xff]);
const rsv1 = 4;

/** The payload of a message, from a sender that keeps no window. */
export function deflated(content: string | Uint8Array): Buffer {
  const options = { finishFlush: constants.Z_SYNC_FLUSH };
  return deflateRawSync(content, options).subarray(0, -tail.length);
}

/** A compressed message as one frame. */
export function compressedFrame(content: string | Uint8Array, options: FrameOptions = {}): Buffer {
  const opcode = typeof content === "string" ? opcodes.text : opcodes.binary;
  return frame(opcode, deflated(content), { rsv: rsv1, ...options });
}

/** A message that is there as a payload, as frames of so many bytes. */
export function fragments(
  opcode: number,
  payload: Uint8Array,
  fragmentBytes: number,
  options: FrameOptions = {},
): Buffer {
  const frames: Buffer[] = [];
  for (let at = 0; at < payload.length; at += fragmentBytes) {
    const isFirst = at === 0;
    const part = payload.subarray(at, at + fragmentBytes);
    const fin = at + fragmentBytes >= payload.length;
    const rsv = isFirst ? rsv1 : 0;
    frames.push(frame(isFirst ? opcode : opcodes.continuation, part, { ...options, fin, rsv }));
  }
  return Buffer.concat(frames);
}

/** The content of a whole message, compressed without a window or not at all. */
export function inflatedText({ rsv, payload }: Frame): string {
  return rsv === rsv1 ? inflated(payload).toString() : payload.toString();
}

export function inflated(payload: Uint8Array): Buffer {
  return inflateRawSync(Buffer.concat([payload, tail]), { finishFlush: constants.Z_SYNC_FLUSH });
}

/** As much DEFLATE data as so many MiB of zeros take, about 1 KiB each; any end makes a message. */
export function bomb(mebibytes: number): Buffer {
  const one = deflateRawSync(Buffer.alloc(1024 * 1024), { finishFlush: constants.Z_FULL_FLUSH });
  const all = Buffer.alloc(one.length * mebibytes, one);
  return all.subarray(0, -tail.length);
}

/** One direction with context takeover: payloads that follow each other. */
export class Context {
  readonly #deflate = createDeflateRaw({ flush: constants.Z_SYNC_FLUSH });
  readonly #inflate = createInflateRaw({ flush: constants.Z_SYNC_FLUSH });

  async deflate(content: string | Uint8Array): Promise<Buffer> {
    return (await through(this.#deflate, Buffer.from(content as string))).subarray(0, -tail.length);
  }

  async inflate(payload: Uint8Array): Promise<Buffer> {
    return through(this.#inflate, Buffer.concat([payload, tail]));
  }

  close(): void {
    this.#deflate.close();
    this.#inflate.close();
  }
}

function through(stream: DeflateRaw | InflateRaw, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const onData = (chunk: Buffer): void => void chunks.push(chunk);
    stream.on("data", onData).once("error", reject);
    stream.write(bytes, () => {
      stream.removeListener("data", onData).removeListener("error", reject);
      resolve(Buffer.concat(chunks));
    });
  });
}
