// What Node itself costs: a plain TCP server that knows what it will be asked and parses nothing. The
// first bytes of a connection get the answer to the handshake; after that, as many whole frames go out
// as came in by count of bytes, in one write (to each connection, when all are answered). No WebSocket
// server on node:net can do less.

import type { Buffer } from "node:buffer";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { repeated } from "../conversation/frame.ts";
import { upgradeResponse } from "../conversation/handshake.ts";
import { answerFrame, requestFrame } from "../conversation/plain.ts";
import type { Service } from "../peer.ts";

/** Node reads at most this much at a time. */
const maxChunkBytes = 64 * 1024;

export async function listen(service: Service): Promise<number> {
  const requestBytes = requestFrame(service.messageBytes).length;
  const frame = answerFrame(service.messageBytes);
  // The rest of a frame may have been waiting when a full chunk comes.
  const frames = repeated(frame, Math.ceil(maxChunkBytes / requestBytes) + 1);
  const sockets = new Set<Socket>();
  const response = upgradeResponse();

  const answer = (socket: Socket): void => {
    let received = 0;
    socket.on("data", (chunk: Buffer) => {
      received += chunk.length;
      const count = Math.floor(received / requestBytes);
      if (count === 0) return;
      received -= count * requestBytes;
      const bytes = frames.subarray(0, count * frame.length);
      if (service.answers === "sender") socket.write(bytes);
      else for (const each of sockets) each.write(bytes);
    });
  };

  const server = createServer({ noDelay: true }, (socket) => {
    socket.once("data", () => {
      socket.write(response);
      if (service.answers === "all") sockets.add(socket);
      answer(socket);
    });
    // The load resets its connections when it has finished.
    socket.on("error", () => {
      sockets.delete(socket);
      socket.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
