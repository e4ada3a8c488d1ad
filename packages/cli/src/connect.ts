// `hawser connect`: the lines of stdin become text messages, the messages that come become lines of
// stdout. The end of stdin closes the connection in good order: what the server had still to say
// before its own Close frame is printed. Either side is read only as fast as the other takes it.

import { createInterface } from "node:readline";
import {
  type Connection,
  connect,
  ConnectionClosedError,
  type ConnectOptions,
  HandshakeError,
} from "hawser";
import { type Io, print, say } from "./io.ts";

/** Close codes of an end that somebody wanted: "normal closure", and none given. */
const normalCodes = new Set([1000, 1005]);

/** Talks until either side closes; resolves with 0 for a normal closure and 1 for any other end. */
export async function connectLines(url: string, options: ConnectOptions, io: Io): Promise<number> {
  let ws: Connection;
  try {
    ws = await connect(url, { ...options, signal: io.signal });
  } catch (error) {
    if (!(error instanceof HandshakeError)) throw error;
    say(io, `hawser: ${error.message}`);
    if (error.body !== "") say(io, error.body);
    return 1;
  }
  say(io, `connected to ${url}${ws.protocol === "" ? "" : ` with subprotocol ${ws.protocol}`}`);

  const lines = createInterface({ input: io.stdin, crlfDelay: Infinity });
  const end = (): void => ws.close(1000);
  io.signal.addEventListener("abort", end, { once: true });
  const sent = sendLines(lines, ws);
  try {
    await printMessages(ws, io);
  } finally {
    io.signal.removeEventListener("abort", end);
    lines.close();
  }
  await sent;
  const { code, reason } = await ws.closed;
  const isNormal = normalCodes.has(code);
  say(io, `${isNormal ? "closed" : "hawser: closed with"} ${code}${reason && `: ${reason}`}`);
  return isNormal ? 0 : 1;
}

async function sendLines(lines: AsyncIterable<string>, ws: Connection): Promise<void> {
  try {
    for await (const line of lines) {
      if (!ws.send(line)) await ws.drained();
    }
    ws.close(1000);
  } catch (error) {
    // The end of the connection is reported where its messages are read.
    if (!(error instanceof ConnectionClosedError)) throw error;
  }
}

async function printMessages(ws: Connection, io: Io): Promise<void> {
  try {
    for await (const message of ws) {
      await print(io, typeof message === "string" ? message : message.toString("hex"));
    }
  } catch (error) {
    if (!(error instanceof ConnectionClosedError)) throw error;
  }
}
