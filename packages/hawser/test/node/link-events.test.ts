// What reaches a connection from its two sides: the peer's frames, and the events of the socket.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, describe, it } from "node:test";
import { ProtocolError, Server, TransportError } from "../../dist/index.js";
import { closeFrame, frame, opcodes } from "../support/frame.ts";
import { Stage, type StageOptions } from "../support/stage.ts";

const stage = new Stage();
const { log } = stage;
afterEach(() => stage.end());

const ends: StageOptions = { error: (error) => log.add("error", error) };

describe("what peers and transports do", () => {
  it("a broken rule: told to the error hook with its connection, and by closed", async () => {
    const { ws, peer } = await stage.pair({ error: (error, one) => log.add("error", error, one) });
    peer.write(frame(3));
    assert.equal((await peer.readClose()).code, 1002);
    await peer.finish();
    const { error, code } = await ws.closed;
    assert.ok(error instanceof ProtocolError);
    assert.equal(code, 1006);
    assert.deepEqual(log.all("error"), [[error, ws]]);
  });

  it("a reset: a TransportError with its cause", async () => {
    const { ws, peer } = await stage.pair(ends);
    peer.reset();
    const { error, code } = await ws.closed;
    assert.ok(error instanceof TransportError);
    assert.equal(error.code, "HAWSER_TRANSPORT");
    assert.equal((error.cause as NodeJS.ErrnoException).code, "ECONNRESET");
    assert.equal(code, 1006);
    assert.deepEqual(log.all("error"), [[error]]);
  });

  it("a reset behind the closing handshake is no error", async () => {
    const { ws, peer } = await stage.pair(ends);
    peer.write(closeFrame(1000));
    await peer.readClose();
    peer.reset();
    assert.deepEqual(await ws.closed, { code: 1000, reason: "", wasClean: true, error: undefined });
    assert.equal(log.count("error"), 0);
  });

  it("an end without a Close frame: 1006, no error", async () => {
    const { ws, peer } = await stage.pair(ends);
    await peer.finish();
    const closed = await ws.closed;
    assert.deepEqual(closed, { code: 1006, reason: "", wasClean: false, error: undefined });
  });

  it("a Ping is answered before its handler runs, a Pong only told of", async () => {
    const { peer } = await stage.pair({
      ping: (ws, payload) => log.add("ping", payload.toString(), ws.bufferedBytes),
      pong: (_ws, payload) => log.add("pong", payload.toString()),
    });
    peer.write(Buffer.concat([frame(opcodes.ping, "one"), frame(opcodes.pong, "two")]));
    assert.equal((await peer.readFrame()).payload.toString(), "one");
    await log.waitFor("pong");
    assert.deepEqual(log.entries, [
      { name: "ping", values: ["one", 5] },
      { name: "pong", values: ["two"] },
    ]);
  });

  it("the socket's listeners are the same functions for every connection", async () => {
    const http = createServer();
    const server = stage.keep(new Server());
    const sockets: Duplex[] = [];
    http.on("upgrade", (request, socket, head) => {
      sockets.push(socket);
      server.handleUpgrade(request, socket, head);
    });
    await new Promise<void>((resolve) => {
      http.listen(0, "127.0.0.1", resolve);
    });
    const { port } = http.address() as AddressInfo;
    for (let i = 0; i < 2; i++) await stage.connect(`ws://127.0.0.1:${port}`);
    const [first, second] = sockets as [Duplex, Duplex];
    for (const event of ["data", "end", "error", "close"]) {
      assert.deepEqual(first.listeners(event), second.listeners(event), event);
    }
    http.close();
  });
});
