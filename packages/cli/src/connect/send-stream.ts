// A stream as one binary message, however long it is: it is sent as it is read, and never held.

import type { Connection } from "hawser";

/** @throws the stream's error, and then the connection is closed with 1011; ConnectionClosedError */
export async function sendStream(chunks: AsyncIterable<unknown>, ws: Connection): Promise<void> {
  const writer = ws.createWriteStream({ binary: true }).getWriter();
  // Told where the next chunk is written.
  writer.closed.catch(() => undefined);
  try {
    for await (const chunk of chunks) await writer.write(chunk as Buffer);
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => undefined);
    throw error;
  }
}
