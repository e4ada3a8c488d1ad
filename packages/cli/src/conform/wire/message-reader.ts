// What the peer says, from its frames: messages joined, inflated and checked for UTF-8, control
// frames as they come, and the rules that span frames.

import { isUtf8 } from "node:buffer";
import type { MessageDeflate } from "./message-deflate.ts";
import { opcodes } from "./frame.ts";
import { type Frame, WireFault } from "./frame-reader.ts";

/** What the peer said. */
export type Heard =
  | { readonly type: "text" | "binary" | "ping" | "pong"; readonly data: Buffer }
  | { readonly type: "close"; readonly code: number | undefined; readonly reason: Buffer };

interface Unfinished {
  readonly type: "text" | "binary";
  readonly compressed: boolean;
  readonly parts: Buffer[];
}

export class MessageReader {
  readonly #deflate: MessageDeflate | undefined;
  #unfinished: Unfinished | undefined;

  constructor(deflate: MessageDeflate | undefined) {
    this.#deflate = deflate;
  }

  /**
   * What the frame completes.
   *
   * @throws {WireFault} when it must not stand where it stands, or a text is not UTF-8
   */
  read(frame: Frame): Heard | undefined {
    switch (frame.opcode) {
      case opcodes.ping:
        return { type: "ping", data: frame.payload };
      case opcodes.pong:
        return { type: "pong", data: frame.payload };
      case opcodes.close:
        return readClose(frame.payload);
      default:
        return this.#readData(frame);
    }
  }

  #readData(frame: Frame): Heard | undefined {
    if (frame.opcode === opcodes.continuation) {
      if (this.#unfinished === undefined) {
        throw new WireFault("a continuation frame, and no message is open", "§5.4");
      }
    } else {
      if (this.#unfinished !== undefined) {
        throw new WireFault("a new message inside of another", "§5.4");
      }
      const type = frame.opcode === opcodes.text ? "text" : "binary";
      this.#unfinished = { type, compressed: frame.rsv !== 0, parts: [] };
    }
    const { type, compressed, parts } = this.#unfinished;
    parts.push(frame.payload);
    if (!frame.fin) return undefined;
    this.#unfinished = undefined;
    const data = this.#content(parts, compressed);
    if (type === "text" && !isUtf8(data)) throw new WireFault("a text is not UTF-8", "§8.1");
    return { type, data };
  }

  #content(parts: readonly Buffer[], compressed: boolean): Buffer {
    const data = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    if (!compressed) return data;
    if (this.#deflate === undefined) throw new Error("RSV1 without an agreement was let through");
    return this.#deflate.inflate(data);
  }
}

function readClose(payload: Buffer): Heard {
  if (payload.length === 1) throw new WireFault("a Close frame with one octet", "§5.5.1");
  const reason = payload.subarray(2);
  if (!isUtf8(reason)) throw new WireFault("the reason of a Close frame is not UTF-8", "§5.5.1");
  return {
    type: "close",
    code: payload.length === 0 ? undefined : payload.readUInt16BE(),
    reason,
  };
}
