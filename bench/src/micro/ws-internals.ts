// The parts of ws that do the same work, without its native addon, which is a contender of its own. What
// its package does not export is loaded from its files.

import type { Buffer } from "node:buffer";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

process.env["WS_NO_BUFFER_UTIL"] = "1";
const require = createRequire(import.meta.url);
const folder = join(dirname(require.resolve("ws/package.json")), "lib");

interface BufferUtil {
  /** In place. */
  unmask(bytes: Buffer, key: Buffer): void;
}

interface Sender {
  frame(payload: Buffer, options: object): Buffer[];
}

interface Receiver {
  new (
    options: object,
  ): {
    on(event: "message", listener: (payload: Buffer) => void): void;
    write(chunk: Buffer): boolean;
  };
}

export const bufferUtil = require(join(folder, "buffer-util.js")) as BufferUtil;
export const nativeBufferUtil: BufferUtil | undefined = loadNative();
export const Sender = require(join(folder, "sender.js")) as Sender;
export const Receiver = require(join(folder, "receiver.js")) as Receiver;
export const validation = require(join(folder, "validation.js")) as {
  isValidUTF8(bytes: Buffer): boolean;
};

/** Undefined where it is not installed. */
function loadNative(): BufferUtil | undefined {
  try {
    return require("bufferutil") as BufferUtil;
  } catch {
    return undefined;
  }
}
