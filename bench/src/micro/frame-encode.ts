// From a payload to what is given to the socket: sixteen messages as a server sends them in answer to one
// read, and one as a client sends it. For large payloads both pass the payload on as it is.

import { Buffer } from "node:buffer";
import { bench, do_not_optimize, group } from "mitata";
import { Output } from "hawser/protocol";
import { nodeBlocks, nodePlatform } from "../../../packages/hawser/dist/node/platform.js";
import { firstByte } from "../conversation/frame.ts";
import { sizes } from "./sizes.ts";
import { Sender } from "./ws-internals.ts";

const fromServer = { fin: true, rsv1: false, opcode: 2, readOnly: true, mask: false };
const fromClient = { ...fromServer, mask: true };

function sendAll(output: Output, payload: Uint8Array, count: number): void {
  for (let i = 0; i < count; i++) output.binary(firstByte.binary, payload);
  for (let chunk = output.take(); chunk !== undefined; chunk = output.take()) {
    do_not_optimize(chunk);
  }
  output.written();
}

export function benchFrameEncode(): void {
  for (const [name, size] of sizes) {
    const payload = Buffer.alloc(size, "payload ");
    const server = new Output({ platform: nodePlatform, blocks: nodeBlocks, role: "server" });
    const client = new Output({ platform: nodePlatform, blocks: nodeBlocks, role: "client" });
    group(`encode 16 frames of ${name}, server`, () => {
      bench("hawser", () => sendAll(server, payload, 16));
      bench("ws", () => {
        for (let i = 0; i < 16; i++) {
          do_not_optimize(Sender.frame(payload, fromServer));
        }
      });
    });
    group(`encode a frame of ${name}, client`, () => {
      bench("hawser", () => sendAll(client, payload, 1));
      bench("ws", () => do_not_optimize(Sender.frame(payload, fromClient)));
    });
  }
}
