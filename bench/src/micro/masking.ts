// Unmasking in place (RFC 6455 §5.3). A frame may lie anywhere in a chunk, so the payload begins at an
// address that is no multiple of four, as after the header of the first frame of a chunk.

import { Buffer } from "node:buffer";
import { bench, group } from "mitata";
import { nodePlatform } from "../../../packages/hawser/dist/node/platform.js";
import { applyMask } from "../../../packages/hawser/dist/protocol/masking.js";
import { sizes } from "./sizes.ts";
import { bufferUtil, nativeBufferUtil } from "./ws-internals.ts";

const key = Buffer.from("5ca1ab1e", "hex");
const keyNumber = key.readInt32BE();

export function benchMasking(): void {
  for (const [name, size] of sizes) {
    const chunk = Buffer.allocUnsafeSlow(size + 6).fill("payload ");
    const payload = chunk.subarray(6);
    group(`unmask ${name}`, () => {
      bench("hawser", () => applyMask(chunk, 6, chunk.length, keyNumber, 0));
      const { simd } = nodePlatform;
      if (simd !== undefined && size + 6 <= simd.memory.length) {
        const { memory } = simd;
        bench("hawser, where sockets are read into", () =>
          applyMask(memory, 6, size + 6, keyNumber, 0, simd),
        );
      }
      bench("ws", () => bufferUtil.unmask(payload, key));
      if (nativeBufferUtil === undefined) return;
      const { unmask } = nativeBufferUtil;
      bench("bufferutil", () => unmask(payload, key));
    });
  }
}
