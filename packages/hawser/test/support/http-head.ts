// Opening handshakes as text, so that a test can send any request or response, well-formed or not,
// and read what comes back (RFC 6455 §4, RFC 9112).

import { createHash } from "node:crypto";

/** The key of the example in RFC 6455 §1.3 and what answers it. */
export const sampleKey = "dGhlIHNhbXBsZSBub25jZQ==";
export const sampleAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** Fields by name: undefined leaves one out, a list repeats it. */
export type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

const usualRequest: Fields = {
  Host: "localhost",
  Upgrade: "websocket",
  Connection: "Upgrade",
  "Sec-WebSocket-Key": sampleKey,
  "Sec-WebSocket-Version": "13",
};

/** A client's opening handshake with some fields changed. */
export function requestText(fields: Fields = {}, startLine = "GET / HTTP/1.1"): string {
  return headText(startLine, { ...usualRequest, ...fields });
}

/** A server's 101 response to the request, with some fields changed. */
export function acceptanceText(request: string, fields: Fields = {}): string {
  const key = /^Sec-WebSocket-Key: (.*)\r$/m.exec(request)?.[1] ?? "";
  return headText("HTTP/1.1 101 Switching Protocols", {
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Accept": acceptOf(key),
    ...fields,
  });
}

export function headText(startLine: string, fields: Fields): string {
  let text = `${startLine}\r\n`;
  for (const [name, values] of Object.entries(fields)) {
    const lines = typeof values === "string" ? [values] : (values ?? []);
    for (const value of lines) text += `${name}: ${value}\r\n`;
  }
  return `${text}\r\n`;
}

function acceptOf(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

export interface ResponseHead {
  readonly startLine: string;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
}

export function parseHead(text: string): ResponseHead {
  const [startLine = "", ...lines] = text.split("\r\n");
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  return { startLine, status: Number(startLine.split(" ")[1]), headers };
}
