// What a server of `ws` answers to a handshake that it refuses.

import { Buffer } from "node:buffer";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

type Headers = Readonly<Record<string, string | number | readonly string[]>>;

/** Answers with the status and ends the socket. */
export function refuse(
  socket: Duplex,
  status: number,
  message?: string,
  headers: Headers = {},
): void {
  const body = (message || STATUS_CODES[status]) as string;
  const fields = {
    Connection: "close",
    "Content-Type": "text/html",
    "Content-Length": Buffer.byteLength(body),
    ...headers,
  };
  socket.once("finish", () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${Object.entries(fields)
      .map(([name, value]) => `${name}: ${value}`)
      .join("\r\n")}\r\n\r\n${body}`,
  );
}
