// What Node itself costs: a plain TCP server that knows what it will be asked and parses nothing. The
// first bytes of a connection get the answer to the handshake; after that, as many whole frames go out
// as came in by count of bytes, in one write. No WebSocket server on node:net can do less.

import type { Buffer } from "node:buffer";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { maskedFrames, unmaskedFrames, upgradeResponse } from "../wire.ts";

/** Node reads at most this much at a time. */
const maxChunkBytes = 64 * 1024;

export async function listen(messageBytes: number): Promise<number> {
  const requestBytes = maskedFrames(messageBytes, 1).length;
  const answerBytes = unmaskedFrames(messageBytes, 1).length;
  // The rest of a frame may have been waiting when a full chunk comes.
  const answers = unmaskedFrames(messageBytes, Math.ceil(maxChunkBytes / requestBytes) + 1);

  const answer = (socket: Socket): void => {
    let received = 0;
    socket.on("data", (chunk: Buffer) => {
      received += chunk.length;
      const count = Math.floor(received / requestBytes);
      if (count === 0) return;
      received -= count * requestBytes;
      socket.write(answers.subarray(0, count * answerBytes));
    });
  };

  const server = createServer({ noDelay: true }, (socket) => {
    socket.once("data", () => {
      socket.write(upgradeResponse);
      answer(socket);
    });
    // The load resets its connections when it has finished.
    socket.on("error", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
