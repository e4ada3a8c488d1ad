// One end of a connection over which a message goes that is larger than memory should be. Its content is a
// pattern, so that each byte's value says its place, modulo 256. It tells how much more memory the process had at most.

import { Buffer } from "node:buffer";
import type { AddressInfo } from "node:net";
import { connect, type Connection, serve, type StreamedMessage } from "../../dist/index.js";
import { obey, tell } from "../faults/program.ts";
import { frame, opcodes } from "../support/frame.ts";
import { RawPeer } from "../support/raw-peer.ts";

const chunk: Buffer = Buffer.from(Array.from({ length: 256 * 1024 }, (_, i) => i & 0xff));

async function send(ws: Connection, bytes: number): Promise<void> {
  const writer = ws.createWriteStream({ binary: true }).getWriter();
  for (let left = bytes; left > 0; left -= chunk.length) await writer.write(chunk);
  await writer.close();
}

/** How many bytes came, up to the first that is not what it should be. */
async function receive(message: StreamedMessage | undefined): Promise<number> {
  let bytes = 0;
  if (message === undefined || message.isText) return 0;
  for await (const part of message.readable) {
    const end = bytes + part.length - 1;
    if (part[0] !== (bytes & 0xff) || part.at(-1) !== (end & 0xff)) return bytes;
    bytes += part.length;
  }
  return bytes;
}

/** Runs, and tells by how much the process has grown meanwhile, at its largest. */
async function measured(run: () => Promise<number | void>): Promise<void> {
  const before = process.memoryUsage.rss();
  const result = await run();
  const most = process.resourceUsage().maxRSS * 1024;
  tell("done", result, most - before);
}

obey({
  async serve(bytesToSend: number) {
    const server = await serve({ hostname: "127.0.0.1" }, async (ws) => {
      if (bytesToSend > 0) await measured(() => send(ws, bytesToSend));
      else await measured(async () => receive(await ws.message()));
      await ws.message();
    });
    tell("listening", (server.address() as AddressInfo).port);
  },
  async receive(port: number) {
    const ws = await connect(`ws://127.0.0.1:${port}`);
    await measured(async () => receive(await ws.message()));
    ws.close(1000);
  },
  /** One frame, which the library would not send. */
  async sendFrame(port: number, bytes: number) {
    const peer = await RawPeer.open({ host: "127.0.0.1", port });
    const key = Buffer.from([1, 2, 3, 4]);
    const masked = frame(opcodes.binary, chunk, { key }).subarray(-chunk.length);
    peer.write(frame(opcodes.binary, "", { key, declared: bytes }));
    for (let left = bytes; left > 0; left -= chunk.length) {
      if (peer.socket.write(masked)) continue;
      await new Promise((resolve) => {
        peer.socket.once("drain", resolve);
      });
    }
    tell("done");
  },
});
