// The buffer that sockets are read into, and vector instructions on it. JavaScript has none, but
// WebAssembly has, on its own memory: so the buffer lies there, and payloads are unmasked where they
// were read. A MiB takes 20 µs instead of 126 with 32-bit words; of an echo of 16 KiB that is a fifth.
// Where WebAssembly can't be had (--jitless, no room for its address space), the buffer is a plain one.

import { Buffer } from "node:buffer";
import type { Simd } from "../protocol/index.ts";

/** One read takes at most this much. With 64 KiB, 16 KiB messages cost a fifth more; 256 KiB gain nothing. */
const readBufferBytes = 128 * 1024;

// vector-xor.wat, assembled; a test assembles it again and compares.
export const moduleBytes: string =
  "AGFzbQEAAAABBwFgA39/fwADAgEABQMBAAQHEAIGbWVtb3J5AgADeG9yAAAKXgFcAQF7IAL9ESEDA0AgACAA/QAEACAD/VH9" +
  "CwQAIAAgAP0ABBAgA/1R/QsEECAAIAD9AAQgIAP9Uf0LBCAgACAA/QAEMCAD/VH9CwQwIABBwABqIQAgACABSQ0ACws=";

/** The types of Node lack it. */
interface WithWebAssembly {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (module: object) => { readonly exports: unknown };
  };
}

interface VectorModule {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly xor: Simd["xor"];
}

function load(): VectorModule | undefined {
  try {
    const { WebAssembly } = globalThis as unknown as WithWebAssembly;
    const module = new WebAssembly.Module(Buffer.from(moduleBytes, "base64"));
    return new WebAssembly.Instance(module).exports as VectorModule;
  } catch {
    return undefined;
  }
}

const vectorModule = load();

/** What is read from any socket lies here, until the callback of that read returns. */
export const readBuffer: Buffer =
  vectorModule === undefined
    ? Buffer.allocUnsafeSlow(readBufferBytes)
    : Buffer.from(vectorModule.memory.buffer, 0, readBufferBytes);

/** Vector instructions on `readBuffer`; undefined where there are none. */
export const simd: Simd | undefined = vectorModule && { memory: readBuffer, xor: vectorModule.xor };
