// A connection as the two streams of the web, on real sockets.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { afterEach, describe, it } from "node:test";
import {
  type Connection,
  ConnectionClosedError,
  type Sendable,
  UsageError,
} from "../../dist/index.js";
import { turn } from "../support/deferred.ts";
import { closeFrame } from "../support/frame.ts";
import { rejectionOf } from "../support/rejection.ts";
import { fill, slowReader } from "../support/slow-reader.ts";
import { Stage } from "../support/stage.ts";

const stage = new Stage();
const { log } = stage;
afterEach(() => stage.end());

/** Both ends of a connection: the server's is first. */
async function ends(): Promise<[Connection, Connection]> {
  let opened: Connection | undefined;
  const server = await stage.serve({
    open(ws) {
      opened = ws;
      // From the first message on.
      assert.ok(ws.readable instanceof ReadableStream);
    },
  });
  const client = await stage.connect(server);
  return [opened as unknown as Connection, client];
}

describe("Connection: readable", () => {
  it("gives text as strings and binary as Buffers, and closes with the connection", async () => {
    const [ws, client] = await ends();
    client.send("text");
    client.send(Buffer.from([1, 2]));
    client.send("");
    client.close(1000);
    const received: unknown[] = [];
    for await (const message of ws.readable) received.push(message);
    assert.deepEqual(received, ["text", Buffer.from([1, 2]), ""]);
    assert.equal((await ws.closed).code, 1000);
  });

  it("is made once, and none beside a message handler", async () => {
    const [ws] = await ends();
    assert.equal(ws.readable, ws.readable);
    assert.equal(ws.writable, ws.writable);
    const { ws: handled } = await stage.pair({ message: () => undefined });
    assert.throws(
      () => handled.readable,
      (error) => error instanceof UsageError && error.code === "HAWSER_HAS_MESSAGE_HANDLER",
    );
    assert.ok(handled.writable instanceof WritableStream);
  });

  it("fails when the connection ends without a closing handshake, behind what came before", async () => {
    const [ws, client] = await ends();
    client.send("last");
    const reader = ws.readable.getReader();
    assert.equal((await reader.read()).value, "last");
    client.terminate();
    const error = await rejectionOf<ConnectionClosedError>(reader.read());
    assert.ok(error instanceof ConnectionClosedError);
    assert.equal(error.closeCode, 1006);
  });

  it("ends with the connection also when nothing is being read, unless a message waits", async () => {
    const [ws, client] = await ends();
    const { closed } = ws.readable.getReader();
    client.close(1000);
    await closed;

    const [broken, other] = await ends();
    const reader = broken.readable.getReader();
    other.terminate();
    const error = await rejectionOf<ConnectionClosedError>(reader.closed);
    assert.equal(error.closeCode, 1006);

    const [unread, last] = await ends();
    last.send("last");
    last.close(1000);
    await unread.closed;
    const late = unread.readable.getReader();
    assert.equal((await late.read()).value, "last");
    assert.equal((await late.read()).done, true);
  });

  it("cancelled while a read waits, does not keep the connection from closing", async () => {
    const { ws, peer } = await stage.pair({
      closeTimeoutMs: 60_000,
      open: (one) => void one.readable,
    });
    const reader = ws.readable.getReader();
    const pending = reader.read();
    await reader.cancel();
    assert.deepEqual(await pending, { value: undefined, done: true });
    await peer.readClose();
    for (const text of ["a", "b", "c"]) peer.send(text);
    peer.write(closeFrame(1000));
    // A client waits for the server to end TCP, which has to see the Close frame first.
    await peer.waitForEnd();
    peer.socket.end();
    assert.equal((await ws.closed).wasClean, true);
  });

  it("of which nobody reads stops the peer", async () => {
    const [ws, client] = await ends();
    const message = Buffer.alloc(16 * 1024);
    // More than the system's buffers take.
    let sent = 0;
    while (client.send(message) || sent < 64) sent++;
    for (let i = 0; i < 5; i++) await turn();
    const { bytesReceived } = ws.stats;
    let isDrained = false;
    const waiting = client.drained().then(() => (isDrained = true));
    for (let i = 0; i < 5; i++) await turn();
    assert.equal(isDrained, false);
    assert.equal(ws.stats.bytesReceived, bytesReceived);
    assert.ok(bytesReceived < sent * message.length, `${bytesReceived}`);
    const reader = ws.readable.getReader();
    for (let i = 0; i <= sent; i++) assert.equal((await reader.read()).value?.length, 16 * 1024);
    await waiting;
  });

  for (const [title, reason, code, text] of [
    ["with nothing closes with 1000", undefined, 1000, ""],
    ["with any error closes with 1000", new Error("enough"), 1000, ""],
    ["as it says", { closeCode: 4001, reason: "enough" }, 4001, "enough"],
    ["with a code alone", { closeCode: 4001 }, 4001, ""],
    [
      "with what no Close frame may say, 1000",
      new ConnectionClosedError(1006, "", false),
      1000,
      "",
    ],
  ] as const) {
    it(`cancelled ${title}`, async () => {
      const [ws, client] = await ends();
      client.send("unread");
      await ws.readable.cancel(reason);
      const closed = await client.closed;
      assert.deepEqual([closed.code, closed.reason], [code, text]);
      assert.equal((await ws.closed).wasClean, true);
    });
  }
});

describe("Connection: writable", () => {
  it("sends each chunk as a message, and closes with 1000", async () => {
    const [ws, client] = await ends();
    const writer = client.writable.getWriter();
    await writer.write("text");
    await writer.write(new Uint8Array([1, 2]));
    await writer.write(new Uint16Array([0x0403]).buffer);
    const received: unknown[] = [];
    const reading = (async () => {
      for await (const message of ws) received.push(message);
    })();
    await writer.close();
    await reading;
    assert.deepEqual(received, ["text", Buffer.from([1, 2]), Buffer.from([3, 4])]);
    assert.deepEqual([client.state, (await ws.closed).code], ["closed", 1000]);
  });

  it("takes nothing that is no message", async () => {
    const [ws] = await ends();
    const error = await rejectionOf<UsageError>(
      ws.writable.getWriter().write(5 as unknown as Sendable),
    );
    assert.equal(error.code, "HAWSER_MESSAGE_TYPE");
    assert.equal(ws.state, "open");
  });

  it("a write waits until there is room", async () => {
    const { ws, peer } = await slowReader(stage);
    fill(ws);
    const writer = ws.writable.getWriter();
    const written = writer.write("last").then(() => log.add("written"));
    await turn();
    assert.deepEqual(log.entries, []);
    peer.socket.resume();
    await written;
    assert.ok(ws.bufferedBytes <= 32 * 1024);
  });

  it("fails when the connection ends, though nothing is being written", async () => {
    for (const end of [
      (peer: Connection) => peer.terminate(),
      (peer: Connection) => peer.close(),
    ]) {
      const [ws, client] = await ends();
      const writer = client.writable.getWriter();
      const closed = rejectionOf<ConnectionClosedError>(writer.closed);
      end(ws);
      const error = await closed;
      assert.ok(error instanceof ConnectionClosedError);
      await assert.rejects(writer.write("late"), error);
    }
  });

  it("closed, fails when no Close frame is answered", async () => {
    const { ws, peer } = await stage.pair();
    const closing = rejectionOf<ConnectionClosedError>(ws.writable.close());
    peer.destroy();
    assert.equal((await closing).closeCode, 1006);
  });

  for (const [title, reason, code] of [
    ["closes with 1011", new Error("broken"), 1011],
    ["as it says", { closeCode: 4001, reason: "why" }, 4001],
  ] as const) {
    it(`aborted ${title}, also while a write waits for room`, async () => {
      const { ws, peer } = await slowReader(stage);
      fill(ws);
      const writer = ws.writable.getWriter();
      const write = rejectionOf(writer.write("waits"));
      await turn();
      const aborted = writer.abort(reason);
      peer.socket.resume();
      assert.equal((await peer.readClose()).code, code);
      peer.write(closeFrame(code));
      await peer.finish();
      await Promise.all([aborted, write]);
    });
  }
});

describe("Connection: pipes", () => {
  it("an echo is readable into writable, in order and with an end", async () => {
    const server = await stage.serve({}, (ws) => ws.readable.pipeTo(ws.writable));
    const ws = await stage.connect(server);
    const count = 2000;
    const source = new ReadableStream<string>({
      pull(controller) {
        for (let i = 0; i < count; i++) controller.enqueue(`${i} ${"x".repeat(1000)}`);
        controller.close();
      },
    });
    const sending = source.pipeTo(ws.writable, { preventClose: true });
    let received = 0;
    for await (const message of ws.readable) {
      assert.ok((message as string).startsWith(`${received} `));
      if (++received === count) ws.close(1000);
    }
    await sending;
    assert.equal(received, count);
    assert.equal((await ws.closed).wasClean, true);
  });

  it("what is piped into a connection that ends is cancelled", async () => {
    const [ws, client] = await ends();
    let cancelled: unknown;
    const source = new ReadableStream<string>({ cancel: (reason) => void (cancelled = reason) });
    const piping = rejectionOf(source.pipeTo(client.writable));
    ws.terminate();
    const error = await piping;
    assert.ok(error instanceof ConnectionClosedError);
    assert.equal(cancelled, error);
  });
});
