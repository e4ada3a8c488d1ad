// `hawser serve`: a server to try a client against. It sends every message back to who sent it, and
// reads the next one only when the client keeps up with the answers.

import { once } from "node:events";
import { serve } from "hawser";
import { type Io, say } from "../io.ts";

export interface ServeOptions {
  readonly port: number;
  readonly host: string;
}

/** Serves until `io.signal` aborts; resolves with the exit code once every connection has closed. */
export async function serveEcho({ port, host }: ServeOptions, io: Io): Promise<number> {
  const server = await serve({
    port,
    hostname: host,
    async message(ws, message) {
      if (!ws.send(message)) await ws.drained();
    },
    error(error, ws) {
      say(io, `${ws?.remoteAddress ?? "a client"}: ${String(error)}`);
    },
  });
  say(io, `echo server on ${server.url}: every message comes back; Ctrl+C ends it`);
  if (!io.signal.aborted) await once(io.signal, "abort");
  await server.close();
  say(io, "closed");
  return 0;
}
