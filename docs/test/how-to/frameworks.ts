// What every page about a framework promises: HTTP and WebSocket on one port, 404 elsewhere, and an
// end in good order.

import assert from "node:assert/strict";
import { connect, HandshakeError } from "hawser";
import type { Running } from "../harness/processes.ts";

/** HTTP answers, and a WebSocket at `path` echoes, on the same port. */
export async function checkBoth(url: string, path: string): Promise<void> {
  assert.equal(await (await fetch(url.replace("ws:", "http:"))).text(), "hello over HTTP\n");
  const ws = await connect(url + path);
  ws.send("hi");
  const { value } = await ws[Symbol.asyncIterator]().next();
  assert.equal(value, "you said: hi");
  ws.close();
  assert.equal((await ws.closed).wasClean, true);
}

/** There is no WebSocket at that URL. */
export async function checkNotFound(url: string): Promise<void> {
  await assert.rejects(
    connect(url),
    (error) => error instanceof HandshakeError && error.status === 404,
  );
}

/** SIGTERM says 1001 to who is connected, and ends the program well. */
export async function checkStops(server: Running, url: string): Promise<void> {
  const ws = await connect(url);
  server.signal("SIGTERM");
  assert.equal((await ws.closed).code, 1001);
  assert.equal(await server.ended, 0);
}
