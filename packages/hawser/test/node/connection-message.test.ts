// Messages that are received as they come, on real sockets.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { afterEach, describe, it } from "node:test";
import {
  type Connection,
  ConnectionClosedError,
  type LimitError,
  type StreamedMessage,
  type UsageError,
} from "../../dist/index.js";
import { deferred, turn } from "../support/deferred.ts";
import { closeFrame, frame, opcodes } from "../support/frame.ts";
import { eventually } from "../support/memory.ts";
import { rejectionOf } from "../support/rejection.ts";
import { Stage } from "../support/stage.ts";

const stage = new Stage();
const { log } = stage;
afterEach(() => stage.end());

async function contentOf({ readable }: StreamedMessage): Promise<string> {
  let content = "";
  for await (const chunk of readable as ReadableStream<string | Uint8Array>) {
    content += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
  }
  return content;
}

/** The server's end of a connection whose other end is a raw peer, and whose messages nobody has. */
async function pair(): ReturnType<Stage["pair"]> {
  return stage.pair({
    open: (ws) => void ws.messages(),
    error: (error) => log.add("error", error),
  });
}

describe("Connection: message", () => {
  it("gives the content before the message has ended", async () => {
    const { ws, peer } = await pair();
    const pending = ws.message();
    peer.write(frame(opcodes.text, "a", { fin: false }));
    const message = await pending;
    assert.ok(message?.isText);
    const reader = message.readable.getReader();
    assert.deepEqual(await reader.read(), { value: "a", done: false });
    peer.write(frame(0, "b"));
    assert.deepEqual(await reader.read(), { value: "b", done: false });
    assert.equal((await reader.read()).done, true);
    assert.equal(ws.stats.messagesReceived, 1);
  });

  it("is undefined when the connection has closed, and rejects when that was not clean", async () => {
    const { ws, peer } = await pair();
    peer.write(closeFrame(1000));
    peer.socket.end();
    assert.equal(await ws.message(), undefined);
    const other = await pair();
    other.peer.destroy();
    const error = await rejectionOf<ConnectionClosedError>(other.ws.message());
    assert.ok(error instanceof ConnectionClosedError);
    assert.equal(await other.ws.message(), undefined);
  });

  it("and whole messages may be asked for in turns", async () => {
    const { ws, peer } = await pair();
    for (const text of ["a", "b", "c", "d"]) peer.send(text);
    const messages = ws[Symbol.asyncIterator]();
    const first = await ws.message();
    assert.equal(await contentOf(first as StreamedMessage), "a");
    assert.equal((await messages.next()).value, "b");
    assert.equal((await messages.next()).value, "c");
    assert.equal(await contentOf((await ws.message()) as StreamedMessage), "d");
  });

  it("messages() gives each, skips what is not read, and ends with the connection", async () => {
    const server = await stage.serve({}, async (ws) => {
      for await (const message of ws.messages()) {
        if (message.isText) ws.send(await contentOf(message));
      }
      log.add("left");
    });
    const ws = await stage.connect(server);
    ws.send("a");
    ws.send(Buffer.alloc(512 * 1024));
    ws.send("b");
    const received: unknown[] = [];
    for await (const message of ws) {
      received.push(message);
      if (received.length === 2) ws.close(1000);
    }
    assert.deepEqual(received, ["a", "b"]);
    await log.waitFor("left");
    assert.equal((await ws.closed).wasClean, true);
  });

  it("has no limit but the one that it is given: 1009", async () => {
    const { ws, peer } = await stage.pair({
      maxMessageBytes: 16,
      maxFragments: 2,
      open: (one) => void one.messages(),
      error: (error) => log.add("error", error),
    });
    for (let i = 0; i < 3; i++) peer.write(frame(i === 0 ? 2 : 0, "x".repeat(16), { fin: false }));
    peer.write(frame(0, ""));
    assert.equal((await contentOf((await ws.message()) as StreamedMessage)).length, 48);
    peer.write(frame(opcodes.binary, "x".repeat(5)));
    const message = ws.message({ maxBytes: 4 });
    const content = message.then((one) => contentOf(one as StreamedMessage));
    const failed = rejectionOf<ConnectionClosedError>(content);
    assert.equal((await peer.readClose()).code, 1009);
    peer.socket.end();
    const error = await failed;
    assert.equal((error.cause as LimitError).code, "HAWSER_MESSAGE_TOO_BIG");
    for (const maxBytes of [0, -1, 1.5]) {
      await rejectionOf(ws.message({ maxBytes }), "HAWSER_OPTION_INVALID");
    }
  });

  it("that came compressed is given as one part, within maxMessageBytes", async () => {
    const { ws: plain } = await stage.pair({ message: () => undefined });
    await rejectionOf(plain.message(), "HAWSER_HAS_MESSAGE_HANDLER");
    let opened: Connection | undefined;
    const server = await stage.serve({
      compression: true,
      open: (ws) => void (opened = ws).messages(),
    });
    const client = await stage.connect(server, { compression: true });
    client.send("compress ".repeat(1000));
    const ws = opened as unknown as Connection;
    assert.equal(
      await contentOf((await ws.message()) as StreamedMessage),
      "compress ".repeat(1000),
    );
    client.send("compress ".repeat(1000));
    const refused = rejectionOf<ConnectionClosedError>(ws.message({ maxBytes: 8999 }));
    assert.equal((await client.closed).code, 1009);
    await refused;
  });

  it("of which nobody reads stops the peer, in its middle and at its beginning", async () => {
    let opened: Connection | undefined;
    const server = await stage.serve({ open: (ws) => void (opened = ws).messages() });
    const client = await stage.connect(server);
    const ws = opened as unknown as Connection;
    const writer = client.createWriteStream({ binary: true }).getWriter();
    const chunk = Buffer.alloc(1024 * 1024);
    let written = 0;
    const writing = (async () => {
      for (; written < 64; written++) await writer.write(chunk);
      await writer.close();
    })();
    const standsStill = async (): Promise<number> => {
      let last = -1;
      await eventually(() => {
        const { bytesReceived } = ws.stats;
        const moved = bytesReceived !== last || bytesReceived === 0;
        last = bytesReceived;
        return moved ? "still coming" : undefined;
      }, 5000);
      return last;
    };
    assert.ok((await standsStill()) < 256 * 1024);
    const message = await ws.message();
    const reader = (message as StreamedMessage).readable.getReader();
    let received = (await reader.read()).value?.length ?? 0;
    reader.releaseLock();
    assert.ok((await standsStill()) < 1024 * 1024);
    assert.ok(written < 64);
    for await (const part of (message as StreamedMessage & { isText: false }).readable) {
      received += part.length;
    }
    await writing;
    assert.equal(received, 64 * 1024 * 1024);
  });

  it("fails in its middle when the connection ends", async () => {
    for (const isClean of [true, false]) {
      const { ws, peer } = await pair();
      peer.write(frame(opcodes.binary, "a", { fin: false }));
      const message = (await ws.message()) as StreamedMessage;
      const content = rejectionOf<ConnectionClosedError>(contentOf(message));
      if (isClean) peer.write(closeFrame(1000));
      peer.socket.end();
      const error = await content;
      assert.ok(error instanceof ConnectionClosedError);
      assert.equal(error.wasClean, isClean);
    }
  });

  it("§8.1 fails when it is no UTF-8: 1007", async () => {
    const { ws, peer } = await pair();
    peer.write(frame(opcodes.text, Buffer.from([0x61]), { fin: false }));
    const content = rejectionOf(contentOf((await ws.message()) as StreamedMessage));
    peer.write(frame(0, Buffer.from([0xff])));
    assert.equal((await peer.readClose()).code, 1007);
    peer.socket.end();
    await content;
  });

  it("that was skipped says so to whoever reads it later", async () => {
    const { ws, peer } = await pair();
    const first = ws.message();
    peer.write(frame(opcodes.text, "a", { fin: false }));
    const skipped = await first;
    const second = ws.message();
    peer.write(frame(0, "b"));
    peer.send("next");
    assert.equal(await contentOf((await second) as StreamedMessage), "next");
    const error = await rejectionOf<UsageError>(contentOf(skipped as StreamedMessage));
    assert.equal(error.code, "HAWSER_MESSAGE_SKIPPED");
  });

  it("that nobody asked for does not keep a connection from closing", async () => {
    const { ws, peer } = await pair();
    await ws.messages().return?.();
    peer.write(frame(opcodes.binary, Buffer.alloc(100_000)));
    peer.write(closeFrame(1000));
    peer.socket.end();
    await turn();
    ws.close(1000);
    assert.equal((await ws.closed).wasClean, true);
  });

  it("that had begun, and nobody asked for, is gone with a connection that is terminated", async () => {
    const { ws, peer } = await pair();
    peer.write(frame(opcodes.binary, "a", { fin: false }));
    await eventually(() => (ws.stats.bytesReceived === 0 ? "nothing came" : undefined), 5000);
    ws.terminate();
    await ws.closed;
    await rejectionOf<ConnectionClosedError>(ws.message());
    assert.equal(await ws.message(), undefined);
  });

  it("is dropped when a handler has failed", async () => {
    const failed = deferred();
    const { ws, peer } = await stage.pair({
      open: (one) => void one.messages(),
      pong: () => {
        throw new Error("on purpose");
      },
      error: () => failed.resolve(),
    });
    const pending = ws.message();
    peer.write(frame(opcodes.pong, ""));
    peer.write(frame(opcodes.binary, "a", { fin: false }));
    peer.write(frame(0, "b"));
    peer.write(closeFrame(1000));
    peer.socket.end();
    await failed.promise;
    assert.equal(await pending, undefined);
    assert.equal(ws.stats.messagesReceived, 0);
  });
});
