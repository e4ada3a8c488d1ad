// A connection of the load: a plain socket. All connections read into one buffer, so that what is read
// is counted and never kept. A connection that ends by itself ends the load: it can't be measured.

import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { upgradeRequest } from "./wire.ts";

/** What the callback below is to look at, up to its byte count, before it returns. */
export const readBuffer: Buffer = Buffer.allocUnsafeSlow(256 * 1024);

/** Opens a connection and does the handshake; `onBytes` is told what comes after it. */
export function openConnection(
  port: number,
  onBytes: (byteCount: number) => void,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    let isOpen = false;
    let head = "";
    const callback = (byteCount: number): boolean => {
      if (isOpen) {
        onBytes(byteCount);
        return true;
      }
      head += readBuffer.toString("latin1", 0, byteCount);
      if (!head.endsWith("\r\n\r\n")) return true;
      isOpen = head.startsWith("HTTP/1.1 101 ");
      if (isOpen) resolve(socket);
      else reject(new Error(`not a 101: ${head}`));
      return true;
    };
    const socket = connect({
      host: "127.0.0.1",
      port,
      noDelay: true,
      onread: { buffer: readBuffer, callback },
    });
    socket.write(upgradeRequest);
    socket.on("close", () => {
      throw new Error("the server ended a connection");
    });
  });
}
