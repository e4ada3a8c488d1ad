// A WebSocket of the load on a socket of its own, plain or with TLS. All of them read into one buffer, so that
// what is read is counted and never kept.

import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Conversation } from "./conversation.ts";

const readBuffer: Buffer = Buffer.allocUnsafeSlow(256 * 1024);

/** Has its handshake done; what comes after it is given to `onBytes`, valid until that returns. */
export function openSocket(
  port: number,
  transport: "tcp" | "tls",
  conversation: Pick<Conversation, "upgradeRequest" | "isOpen">,
  onBytes: (bytes: Buffer, count: number) => void,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    let isOpen = false;
    let received = "";
    const callback = (byteCount: number): boolean => {
      if (isOpen) {
        onBytes(readBuffer, byteCount);
        return true;
      }
      received += readBuffer.toString("latin1", 0, byteCount);
      try {
        isOpen = conversation.isOpen(received, (frame) => void socket.write(frame));
      } catch (error) {
        reject(error);
      }
      if (isOpen) resolve(socket);
      return true;
    };
    const options = {
      host: "127.0.0.1",
      port,
      noDelay: true,
      onread: { buffer: readBuffer, callback },
    };
    const socket =
      transport === "tcp"
        ? connect(options)
        : connectTls({ ...options, rejectUnauthorized: false });
    socket.on("close", () => reject(new Error("the server ended a connection")));
    socket.write(conversation.upgradeRequest);
  });
}
