// What other clients do: they reset connections in the middle of anything, break rules, and don't read.
// Nothing is expected of them, and nothing of the server but that it lets go of them.

import { deflateRawSync } from "node:zlib";
import { frame, opcodes } from "../support/frame.ts";
import { requestText } from "../support/http-head.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { contentOf, largestBytes } from "./content.ts";
import type { Stage } from "./conversations.ts";
import { modes } from "./order.ts";

const rsv1 = { rsv: 4 } as const;
const large = contentOf({ kind: "json", start: 0, length: largestBytes });
const compressed = deflateRawSync(large);
/** Inflated it is larger than any message may be. */
const bomb = deflateRawSync(Buffer.alloc(4 * 1024 * 1024));

/** What is written before the end comes; the client's half of the frames is masked as it has to be. */
const mischief: readonly (readonly Uint8Array[])[] = [
  [],
  // A plain message, its first half only.
  [
    frame(opcodes.binary, contentOf({ kind: "noise", start: 0, length: 30_000 }), {
      declared: 60_000,
    }),
  ],
  // A compressed one, so that it is cut within a block.
  [frame(opcodes.binary, compressed.subarray(0, 5_000), { ...rsv1, declared: compressed.length })],
  // Fragments without the last one.
  [frame(opcodes.binary, compressed.subarray(0, 9_000), { ...rsv1, fin: false })],
  // Whole ones, which are being inflated, or their echo deflated, when the end comes.
  [frame(opcodes.binary, compressed, rsv1)],
  Array.from({ length: 5 }, () => frame(opcodes.binary, compressed, rsv1)),
  [frame(opcodes.binary, bomb, rsv1)],
  // No DEFLATE data.
  [frame(opcodes.binary, Buffer.alloc(3_000, 0xff), rsv1)],
  // A reserved bit that means nothing here, and bytes of the other's making.
  [frame(opcodes.text, "hello", { rsv: 2 })],
  [frame(opcodes.text, Buffer.from([0xc3, 0x28]))],
];

/** Does its mischief, waits a moment or not, and is gone. */
export async function vandalize({ servers, random, tally }: Stage): Promise<void> {
  const isReader = random.chance(0.7);
  const where = { port: servers.ports[random.pick(modes)].ws, host: "127.0.0.1" };
  const peer = await RawPeer.connect(where);
  const target = `GET ${isReader ? "/echo" : "/flood"} HTTP/1.1`;
  const extensions = random.pick([
    undefined,
    "permessage-deflate",
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
  ]);
  const request = requestText({ "Sec-WebSocket-Extensions": extensions }, target);
  if (random.chance(0.05)) peer.write(request.slice(0, random.below(request.length)));
  else {
    peer.write(request);
    await peer.readHead();
    if (!isReader) peer.socket.pause();
    for (const bytes of random.pick(mischief)) peer.write(bytes);
    tally.messages++;
  }
  await new Promise((resolve) => {
    if (random.chance(0.5)) setImmediate(resolve);
    else setTimeout(resolve, random.below(isReader ? 20 : 200));
  });
  if (random.chance(0.5)) peer.reset();
  else peer.destroy();
}
