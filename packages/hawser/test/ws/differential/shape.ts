// Values as text that two runs have in common: bytes in hex (a hash when long), errors with class, message
// and code, and in place of ports, keys and paths of this run a word.

import { createHash } from "node:crypto";

const longest = 160;

/** Any value, as one line. */
export function shapeOf(value: unknown, depth = 0): string {
  if (typeof value === "string") return shapeOfText(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return value.name === "" ? "function" : `function ${value.name}`;
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Error) return shapeOfError(value);
  const bytes = bytesOf(value);
  if (bytes !== undefined) return `${value.constructor.name} ${shapeOfBytes(bytes)}`;
  if (value instanceof Blob) return `Blob of ${value.size}`;
  if (depth > 4) return "…";
  if (Array.isArray(value)) return `[${value.map((one) => shapeOf(one, depth + 1)).join(", ")}]`;
  if (value instanceof Set) return `Set ${shapeOf([...value], depth)}`;
  return shapeOfObject(value, depth);
}

function shapeOfText(text: string): string {
  const common = text.length < 1_000 ? withoutThisRun(text) : text;
  if (common.length <= longest) return JSON.stringify(common);
  return `string of ${common.length} ${hashOf(Buffer.from(common))}`;
}

/** Addresses and ports differ in each run. */
export function withoutThisRun(text: string): string {
  return text
    .replaceAll(/(127\.0\.0\.1|localhost|\[?::1\]?):\d+/g, "$1:PORT")
    .replaceAll(/[^\s:"]*hawser-differential-\w+/g, "FOLDER");
}

/** Bytes in hex, or their number and a hash. */
export function shapeOfBytes(bytes: Uint8Array): string {
  if (bytes.length <= longest / 2) return `<${Buffer.from(bytes).toString("hex")}>`;
  return `<${bytes.length} bytes, ${hashOf(bytes)}>`;
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha1").update(bytes).digest("hex").slice(0, 12);
}

function bytesOf(value: object): Uint8Array | undefined {
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) {
    return new Uint8Array(value);
  }
  if (!ArrayBuffer.isView(value)) return undefined;
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

/** An error with what programs look at: its class, its message and its own properties. */
function shapeOfError(error: Error): string {
  const own = Object.entries(error)
    .filter(([name]) => name !== "port")
    .map(([name, value]) => `${name}: ${shapeOf(value, 4)}`);
  const name = error.name === error.constructor.name ? "" : ` named ${error.name}`;
  const parts = [shapeOfText(error.message), ...own];
  return `${error.constructor.name}${name}(${parts.join(", ")})`;
}

function shapeOfObject(value: object, depth: number): string {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype !== null && prototype !== Object.prototype) return value.constructor.name;
  const mark = prototype === null ? "null-object " : "";
  const entries = Object.entries(value).map(([name, one]) => `${name}: ${shapeOf(one, depth + 1)}`);
  return `${mark}{${entries.join(", ")}}`;
}
