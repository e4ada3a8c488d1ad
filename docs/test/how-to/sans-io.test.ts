// The protocol in memory, and the same peer against Hawser's own server over TCP.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createConnection } from "node:net";
import { join } from "node:path";
import { it } from "node:test";
import { pathToFileURL } from "node:url";
import { serve } from "hawser";
import type { Accepted } from "hawser/protocol";
import { describePage } from "../harness/page.ts";

interface Transport {
  write(bytes: Uint8Array): void;
  end(): void;
}

interface Peer {
  onMessage: (message: string | Uint8Array) => void;
  onClose: (how: string) => void;
  send(message: string): void;
  close(code: number, reason: string): void;
}

interface Handshakes {
  acceptOn(transport: Transport, opened: (peer: Peer) => void): (bytes: Uint8Array) => void;
  connectOn(
    transport: Transport,
    opened: (peer: Peer, accepted: Accepted) => void,
  ): (bytes: Uint8Array) => void;
}

describePage(import.meta.url, {}, (page) => {
  it("both ends talk in memory, a byte at a time", () => page.run("memory.ts"));

  it("the same client talks to a real server", async () => {
    const server = await serve({
      protocols: ["chat"],
      message: (ws, message) => void ws.send(message),
    });
    const { connectOn } = await load();
    const socket = createConnection(Number(new URL(server.url).port));
    await once(socket, "connect");
    const closed = new Promise<string>((resolve, reject) => {
      const deliver = connectOn(socket, (peer) => {
        peer.onMessage = (message) => peer.close(1000, String(message));
        peer.onClose = resolve;
        peer.send("over TCP");
      });
      socket.on("data", deliver).on("error", reject);
    });
    assert.equal(await closed, "closed with 1000");
    socket.end();
    await server.close();
  });

  it("the server refuses what is no handshake", async () => {
    const { acceptOn } = await load();
    let response = "";
    let isEnded = false;
    const transport = {
      write: (bytes: Uint8Array) => void (response += Buffer.from(bytes).toString()),
      end: () => void (isEnded = true),
    };
    const deliver = acceptOn(transport, () => assert.fail("it was accepted"));
    deliver(Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    assert.match(response, /^HTTP\/1\.1 426 Upgrade Required\r\n/);
    assert.ok(isEnded);
  });

  const load = async (): Promise<Handshakes> =>
    (await import(pathToFileURL(join(page.folder, "handshake.js")).href)) as Handshakes;
});
