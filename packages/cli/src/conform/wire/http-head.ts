// The head of an HTTP message, read from a socket and taken apart; what came behind it is kept.

import type { Duplex } from "node:stream";
import { WireFault } from "./frame-reader.ts";

export interface HttpHead {
  readonly firstLine: string;
  /** By lower-case name; fields of the same name are joined with commas. */
  readonly fields: ReadonlyMap<string, string>;
  /** As it came. */
  readonly text: string;
  /** What came behind it. */
  readonly rest: Buffer;
}

const maxHeadBytes = 64 * 1024;
const headEnd = Buffer.from("\r\n\r\n");

/**
 * Reads up to the empty line; the socket is paused then.
 *
 * @throws {WireFault} when the peer ends, says too much or takes longer than `limitMs`
 */
export function readHead(socket: Duplex, limitMs: number): Promise<HttpHead> {
  return new Promise((resolve, reject) => {
    let gathered = Buffer.alloc(0);
    const settle = (how: () => void): void => {
      clearTimeout(timer);
      socket.off("data", onData).off("end", onEnd).off("close", onEnd).off("error", onEnd);
      socket.pause();
      how();
    };
    const fail = (message: string): void => settle(() => reject(new WireFault(message, "§4")));
    const onData = (chunk: Buffer): void => {
      gathered = Buffer.concat([gathered, chunk]);
      const end = gathered.indexOf(headEnd);
      if (end >= 0) {
        settle(() => resolve(parseHead(gathered.subarray(0, end + 4), gathered.subarray(end + 4))));
      } else if (gathered.length > maxHeadBytes) {
        fail(`no end of the HTTP head in ${maxHeadBytes} octets`);
      }
    };
    const onEnd = (error?: unknown): void => {
      const why = error instanceof Error ? error.message : "the peer has ended TCP";
      fail(`the opening handshake is cut off after ${gathered.length} octets: ${why}`);
    };
    const timer = setTimeout(() => fail(`no opening handshake in ${limitMs} ms`), limitMs);
    socket.on("data", onData).on("end", onEnd).on("close", onEnd).on("error", onEnd);
    socket.resume();
  });
}

function parseHead(octets: Buffer, rest: Buffer): HttpHead {
  const text = octets.toString("latin1");
  const [firstLine = "", ...lines] = text.slice(0, -4).split("\r\n");
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { firstLine, fields, text, rest };
}

/** Whether a comma-separated field has the token, whatever its case. */
export function hasToken(field: string | undefined, token: string): boolean {
  return (field ?? "").split(",").some((item) => item.trim().toLowerCase() === token);
}
