// A WebSocket of the load on a stream of HTTP/2 (RFC 8441). A session takes that many of them; then the next one is
// opened.

import type { Buffer } from "node:buffer";
import { once } from "node:events";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
} from "node:http2";

/** The newest session, once the server has said that it takes WebSockets. */
let session: Promise<ClientHttp2Session> | undefined;
/** How many streams are to be on it. */
let streams = 0;

/** Has its handshake done; what comes after it is given to `onBytes`. */
export async function openStream(
  port: number,
  transport: "h2c" | "h2",
  streamsPerSession: number,
  onBytes: (bytes: Buffer, count: number) => void,
): Promise<ClientHttp2Stream> {
  if (session === undefined || streams === streamsPerSession) {
    session = openSession(`${transport === "h2" ? "https" : "http"}://127.0.0.1:${port}`);
    streams = 0;
  }
  streams++;
  const fields = {
    ":method": "CONNECT",
    ":protocol": "websocket",
    ":path": "/",
    "sec-websocket-version": "13",
  };
  const stream = (await session).request(fields, { endStream: false });
  const [headers] = (await once(stream, "response")) as [IncomingHttpHeaders];
  const status = Number(headers[":status"]);
  if (status !== 200) throw new Error(`not a 200: ${status}`);
  return stream.on("data", (chunk: Buffer) => onBytes(chunk, chunk.length));
}

async function openSession(origin: string): Promise<ClientHttp2Session> {
  const opened = connect(origin, { rejectUnauthorized: false, settings: { enablePush: false } });
  await once(opened, "remoteSettings");
  return opened;
}
