// A connection of the load: a plain socket. All connections read into one buffer, so that what is read
// is counted and never kept. A connection that ends by itself ends the load: it can't be measured.

import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import type { Conversation } from "./conversation.ts";

const readBuffer: Buffer = Buffer.allocUnsafeSlow(256 * 1024);

/** Handshakes under way at a time. */
const handshakesAtOnce = 64;

/** Opens a connection; `onAnswers` is told how many answers each further read has completed. */
export function openConversation(
  port: number,
  conversation: Conversation,
  onAnswers: (count: number) => void,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const counter = conversation.newCounter();
    let isOpen = false;
    let received = "";
    const callback = (byteCount: number): boolean => {
      if (isOpen) {
        onAnswers(counter.count(readBuffer, byteCount));
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
    const socket = connect({
      host: "127.0.0.1",
      port,
      noDelay: true,
      onread: { buffer: readBuffer, callback },
    });
    socket.write(conversation.upgradeRequest);
    socket.on("close", () => {
      throw new Error("the server ended a connection");
    });
  });
}

/** Opens `count` connections in their order, some at a time, each with `open`. */
export async function openMany(
  count: number,
  open: (i: number) => Promise<unknown>,
): Promise<void> {
  let started = 0;
  const openInTurn = async (): Promise<void> => {
    while (started < count) await open(started++);
  };
  await Promise.all(Array.from({ length: handshakesAtOnce }, openInTurn));
}
