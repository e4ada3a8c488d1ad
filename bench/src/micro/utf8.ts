// Checking that a text is UTF-8 (RFC 6455 §8.1): one that is ASCII, as most are, and one that is not.

import { Buffer } from "node:buffer";
import { bench, do_not_optimize, group } from "mitata";
import { nodePlatform } from "../../../packages/hawser/dist/node/platform.js";
import { checkLongUtf8, checkUtf8 } from "../../../packages/hawser/dist/protocol/utf8.js";
import { sizes } from "./sizes.ts";
import { validation } from "./ws-internals.ts";

const texts = { ASCII: "hello, world. ", mixed: "héllo, wörld — 世界 🚢 " } as const;

export function benchUtf8(): void {
  for (const [kind, text] of Object.entries(texts)) {
    for (const [name, size] of sizes) {
      const letters = Buffer.from(text);
      const bytes = Buffer.concat(
        Array.from({ length: Math.ceil(size / letters.length) }, () => letters),
      );
      group(`UTF-8 ${name}, ${kind}`, () => {
        bench("hawser, byte by byte", () => do_not_optimize(checkUtf8(0, bytes, 0, bytes.length)));
        bench("hawser", () =>
          do_not_optimize(checkLongUtf8(nodePlatform, 0, bytes, 0, bytes.length)),
        );
        bench("ws", () => do_not_optimize(validation.isValidUTF8(bytes)));
      });
    }
  }
}
