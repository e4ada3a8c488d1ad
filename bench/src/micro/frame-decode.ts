// From a chunk that was read to messages: as many masked frames as fill a read of 64 KiB (sixteen at
// most), and a message that comes in many reads. Both sides unmask in place, so a chunk that is fed again
// is masked again; a binary payload does not mind.

import { bench, do_not_optimize, group } from "mitata";
import { Receiver } from "hawser/protocol";
import { nodePlatform } from "../../../packages/hawser/dist/node/platform.js";
import { repeated } from "../conversation/frame.ts";
import { requestFrame } from "../conversation/plain.ts";
import { sizes } from "./sizes.ts";
import * as ws from "./ws-internals.ts";

const chunkBytes = 64 * 1024;
const maxMessageBytes = 2 * 1024 * 1024;

function newReceiver(): Receiver {
  return new Receiver(
    {
      role: "server",
      platform: nodePlatform,
      maxMessageBytes,
      maxFragments: 1_000,
      binaryViews: false,
    },
    false,
  );
}

function newWsReceiver(): InstanceType<typeof ws.Receiver> {
  const receiver = new ws.Receiver({ isServer: true, maxPayload: maxMessageBytes });
  receiver.on("message", (payload) => do_not_optimize(payload));
  return receiver;
}

export function benchFrameDecode(): void {
  for (const [name, size] of sizes) {
    const frame = requestFrame(size);
    const count = Math.max(1, Math.min(16, Math.floor(chunkBytes / frame.length)));
    const bytes = repeated(frame, count);
    const starts = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, i) => i);
    const chunks = starts.map((i) => bytes.subarray(i * chunkBytes, (i + 1) * chunkBytes));
    const receiver = newReceiver();
    const wsReceiver = newWsReceiver();
    group(`decode ${count} of ${name} in ${chunks.length} chunks`, () => {
      bench("hawser", () => {
        for (const chunk of chunks) {
          receiver.feed(chunk);
          while (receiver.next() !== "starved") do_not_optimize(receiver.payload);
        }
      });
      bench("ws", () => {
        for (const chunk of chunks) wsReceiver.write(chunk);
      });
    });
  }
}
