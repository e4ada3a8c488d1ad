// A connection as an async iterable of its messages, on real sockets; the inbox behind it has a test of
// its own.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { afterEach, describe, it } from "node:test";
import { type Closed, ConnectionClosedError, UsageError } from "../../dist/index.js";
import { deferred, turn } from "../support/deferred.ts";
import { closeFrame, frame, opcodes } from "../support/frame.ts";
import { rejectionOf } from "../support/rejection.ts";
import { Stage } from "../support/stage.ts";

const stage = new Stage();
const { log } = stage;
afterEach(() => stage.end());

describe("Connection: as an iterable", () => {
  it("a function that rejects with nothing has failed all the same: 1011", async () => {
    const errors: unknown[] = [];
    const nothing: unknown = undefined;
    const server = await stage.serve({ error: (error) => void errors.push(error) }, async () => {
      throw nothing;
    });
    const ws = await stage.connect(server);
    assert.equal((await ws.closed).code, 1011);
    assert.deepEqual(errors, [undefined]);
  });

  it("a function that returns while it still asks for a message has ended all the same", async () => {
    const ended = deferred<Closed>();
    const server = await stage.serve({ closeTimeoutMs: 60_000 }, async (ws) => {
      void ws[Symbol.asyncIterator]().next();
      void ws.closed.then(ended.resolve);
    });
    const peer = await stage.open(server);
    await peer.readClose();
    for (const text of ["a", "b", "c"]) peer.send(text);
    peer.write(closeFrame(1000));
    // A client waits for the server to end TCP, which has to see the Close frame first.
    await peer.waitForEnd();
    peer.socket.end();
    const { code, wasClean } = await ended.promise;
    assert.deepEqual([code, wasClean], [1000, true]);
  });

  it("gives messages of its own also with binaryViews: nobody else's bytes", async () => {
    const busy = deferred();
    const received: string[] = [];
    const server = await stage.serve({ binaryViews: true }, async (ws, request) => {
      if (request.url === "/busy") await busy.promise;
      for await (const message of ws) {
        received.push(message.toString());
        ws.send("taken");
      }
    });
    const slow = await stage.connect(`${server.url}/busy`);
    slow.send(Buffer.from("alice"));
    for (const name of ["/a", "/b"]) {
      const other = await stage.connect(`${server.url}${name}`);
      other.send(Buffer.from("other"));
      await other[Symbol.asyncIterator]().next();
    }
    busy.resolve();
    await slow[Symbol.asyncIterator]().next();
    assert.deepEqual(received, ["other", "other", "alice"]);
  });

  it("is none beside a message handler", async () => {
    const { ws } = await stage.pair({ message: () => undefined });
    assert.throws(
      () => ws[Symbol.asyncIterator](),
      (error) => error instanceof UsageError && error.code === "HAWSER_HAS_MESSAGE_HANDLER",
    );
  });

  it("a loop that is left and begun again goes on where it was", async () => {
    const { ws, peer } = await stage.pair({ open: (one) => void one[Symbol.asyncIterator]() });
    peer.write(Buffer.concat(["a", "b", "c"].map((text) => frame(opcodes.text, text))));
    peer.write(closeFrame(1000));
    peer.socket.end();
    const received: unknown[] = [];
    for await (const message of ws) {
      received.push(message);
      break;
    }
    received.push("break");
    for await (const message of ws) received.push(message);
    assert.deepEqual(received, ["a", "break", "b", "c"]);
    for await (const message of ws) assert.fail(String(message));
  });

  it("throws once when the connection ended without a closing handshake", async () => {
    const { ws, peer } = await stage.pair({ open: (one) => void one[Symbol.asyncIterator]() });
    peer.send("a");
    peer.socket.end();
    const received: unknown[] = [];
    const loop = async (): Promise<void> => {
      for await (const message of ws) received.push(message);
    };
    const error = await rejectionOf<ConnectionClosedError>(loop());
    assert.ok(error instanceof ConnectionClosedError);
    assert.deepEqual([error.closeCode, error.wasClean, received], [1006, false, ["a"]]);
    await loop();
  });

  it("begun after the end, it is done", async () => {
    const { ws } = await stage.pair();
    ws.terminate();
    await ws.closed;
    for await (const message of ws) assert.fail(String(message));
  });

  it("close() in the loop and then break: the closing handshake goes on", async () => {
    const server = await stage.serve({ message: (ws, message) => void ws.send(message) });
    const ws = await stage.connect(server);
    for (let i = 0; i < 10; i++) ws.send(`message ${i}`);
    for await (const message of ws) {
      assert.equal(message, "message 0");
      ws.close(4000);
      break;
    }
    assert.deepEqual((await ws.closed).wasClean, true);
  });

  it("a slow loop slows its peer down", async () => {
    const server = await stage.serve({}, async (ws) => {
      for await (const message of ws) {
        log.add("message", message.length);
        await log.waitFor("go");
      }
    });
    const peer = await stage.open(server);
    const megabyte = frame(opcodes.binary, Buffer.alloc(1024 * 1024 - 1));
    for (let i = 0; i < 32; i++) peer.write(megabyte);
    await log.waitFor("message");
    for (let i = 0; i < 50; i++) await turn();
    assert.equal(log.count("message"), 1);
    assert.ok(peer.socket.writableLength > 8 * 1024 * 1024, "the peer has to keep it");
    log.add("go");
    await log.waitFor("message", 32);
  });

  it("several that wait get the messages in turn", async () => {
    const { ws, peer } = await stage.pair({ open: (one) => void one[Symbol.asyncIterator]() });
    const iterator = ws[Symbol.asyncIterator]();
    const results = [iterator.next(), iterator.next(), iterator.next()];
    peer.write(
      Buffer.concat([frame(opcodes.text, "a"), frame(opcodes.text, "b"), closeFrame(1000)]),
    );
    await peer.finish();
    assert.deepEqual(await Promise.all(results), [
      { value: "a", done: false },
      { value: "b", done: false },
      { value: undefined, done: true },
    ]);
  });

  it("a client that sends only still sees its server's close, and its pings are answered", async () => {
    const server = await stage.serve({
      open: (ws) => void ws.ping("p"),
      pong: (ws) => ws.close(4000),
    });
    const ws = await stage.connect(server);
    assert.equal((await ws.closed).code, 4000);
  });

  it("close() with messages that nobody reads: they are dropped, and the handshake goes on", async () => {
    const server = await stage.serve({
      open(ws) {
        for (let i = 0; i < 100; i++) ws.send(`message ${i}`);
      },
    });
    const ws = await stage.connect(server);
    ws.close(4000);
    assert.equal((await ws.closed).wasClean, true);
    for await (const message of ws) assert.fail(String(message));
  });
});
