// Each kind of failure, made to happen, and what the hook and the peer get of it.

import assert from "node:assert/strict";
import { createConnection } from "node:net";
import { it } from "node:test";
import { connect } from "hawser";
import { describePage } from "../harness/page.ts";
import type { Running } from "../harness/processes.ts";

describePage(import.meta.url, { ports: [8080, 8081] }, (page) => {
  let server: Running;

  it("a handler that throws closes its connection with 1011", async () => {
    server = await page.start("server.ts");
    await page.run("client.ts");
    await server.printed(/a connection: our own mistake: SyntaxError/);
  });

  it("a message that is too big closes with 1009", async () => {
    const ws = await connect(page.url(8080));
    ws.send("x".repeat(1001));
    assert.equal((await ws.closed).code, 1009);
    await server.printed(/a connection: 1001 > 1000/);
  });

  it("a broken rule names its source", async () => {
    const socket = await handshake(page.port(8080));
    socket.write(Buffer.from([0x81, 0x01, 0x61]));
    await server.printed(/a connection: peer broke RFC 6455 §5\.1: HAWSER_MASK_MISSING/);
    socket.destroy();
  });

  it("a reset is a transport error", async () => {
    const socket = await handshake(page.port(8080));
    socket.resetAndDestroy();
    await server.printed(/a connection: transport: HAWSER_TRANSPORT/);
  });
});

/** A socket on which the opening handshake is done. */
function handshake(port: number): Promise<ReturnType<typeof createConnection>> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, "localhost");
    socket.on("error", reject).once("data", () => resolve(socket));
    socket.write(
      `GET / HTTP/1.1\r\nHost: localhost:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    );
  });
}
