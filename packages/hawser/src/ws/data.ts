// What users of `ws` may send, brought to bytes, and what they get in the form that they asked for.

import { Blob, Buffer } from "node:buffer";

/** What `send` takes; anything else goes through `Buffer.from`. */
export type BufferLike =
  | string
  | Buffer
  | DataView
  | number
  | ArrayBufferView
  | Uint8Array
  | ArrayBuffer
  | SharedArrayBuffer
  | Blob
  | globalThis.Blob
  | readonly unknown[]
  | readonly number[]
  | { valueOf(): ArrayBuffer }
  | { valueOf(): SharedArrayBuffer }
  | { valueOf(): Uint8Array }
  | { valueOf(): readonly number[] }
  | { valueOf(): string }
  | { [Symbol.toPrimitive](hint: string): string };

/** What a `message` event brings: a Buffer, unless `binaryType` says otherwise. */
export type RawData = Buffer | ArrayBuffer | Buffer[];

/** What a message event of the EventTarget face has: a string for text. */
export type Data = string | RawData;

/** The forms of binary messages. */
export type BinaryType = "nodebuffer" | "arraybuffer" | "fragments" | "blob";

/** As what it is read: the declarations of `ws` know no Blob, and one more would set ours apart from them. */
export type ReadBinaryType = Exclude<BinaryType, "blob">;

export const binaryTypes: readonly BinaryType[] = [
  "nodebuffer",
  "arraybuffer",
  "fragments",
  "blob",
];

/** The bytes, without a copy where that is possible; text as UTF-8. */
export function toBuffer(data: unknown): Buffer {
  if (Buffer.isBuffer(data)) return data;
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return Buffer.from(data);
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.from(data as string);
}

/** Whether it is a Blob, or does what one does: there are others than Node's. */
export function isBlob(data: unknown): data is Blob {
  if (data instanceof Blob) return true;
  if (typeof data !== "object" || data === null) return false;
  const { arrayBuffer, stream, type } = data as Partial<Blob>;
  const isWhole = typeof arrayBuffer === "function" && typeof stream === "function";
  const name = Object.prototype.toString.call(data);
  return isWhole && typeof type === "string" && /^\[object (?:Blob|File)\]$/.test(name);
}

/** How many bytes it is; 0 for nothing. */
export function byteLengthOf(data: unknown): number {
  if (data === undefined || data === null || data === "" || data === 0 || data === false) return 0;
  if (isBlob(data)) return data.size;
  return typeof data === "string" ? Buffer.byteLength(data) : toBuffer(data).length;
}

/** A binary message in that form. */
export function inForm(
  bytes: Buffer,
  form: BinaryType,
  fragmentEnds: readonly number[] | undefined,
): RawData | Blob {
  switch (form) {
    case "arraybuffer":
      return exactArrayBuffer(bytes);
    case "blob":
      return new Blob([bytes]);
    case "fragments":
      return fragmentsOf(bytes, fragmentEnds);
    default:
      return bytes;
  }
}

function exactArrayBuffer(bytes: Buffer): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  if (byteLength === buffer.byteLength) return buffer as ArrayBuffer;
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}

function fragmentsOf(bytes: Buffer, ends: readonly number[] | undefined): Buffer[] {
  if (ends === undefined) return bytes.length === 0 ? [] : [bytes];
  const fragments: Buffer[] = [];
  let start = 0;
  for (const end of ends) {
    if (end > start) fragments.push(bytes.subarray(start, end));
    start = end;
  }
  return fragments;
}
