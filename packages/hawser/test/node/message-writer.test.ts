// One message that is sent as it is made, on real sockets: what goes over the wire, and who waits for whom.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { afterEach, describe, it } from "node:test";
import {
  type Connection,
  ConnectionClosedError,
  type Sendable,
  type UsageError,
} from "../../dist/index.js";
import { turn } from "../support/deferred.ts";
import { closeFrame, opcodes } from "../support/frame.ts";
import type { RawPeer } from "../support/raw-peer.ts";
import { rejectionOf } from "../support/rejection.ts";
import { fill, slowReader } from "../support/slow-reader.ts";
import { Stage } from "../support/stage.ts";

const stage = new Stage();
const { log } = stage;
afterEach(() => stage.end());

/** The next frames, up to the one that ends a message, as opcode, FIN and content. */
async function readMessage(peer: RawPeer): Promise<[number, boolean, string][]> {
  const frames: [number, boolean, string][] = [];
  while (frames.at(-1)?.[1] !== true) {
    const { opcode, fin, payload } = await peer.readFrame();
    frames.push([opcode, fin, payload.toString()]);
  }
  return frames;
}

describe("Connection: createWriteStream", () => {
  it("§5.4 sends chunks as fragments of one message, text or binary as the first is", async () => {
    const { ws, peer } = await stage.pair();
    for (const [opcode, make] of [
      [opcodes.text, (text: string): Sendable => text],
      [opcodes.binary, (text: string): Sendable => Buffer.from(text)],
    ] as const) {
      const writer = ws.createWriteStream().getWriter();
      await writer.write(make("one"));
      await writer.write(make(""));
      await writer.write(make("two"));
      await writer.close();
      assert.deepEqual(await readMessage(peer), [
        [opcode, false, "one"],
        [0, false, "two"],
        [0, true, ""],
      ]);
    }
    assert.equal(ws.stats.messagesSent, 2);
  });

  it("of no chunk is an empty message", async () => {
    const { ws, peer } = await stage.pair();
    await ws.createWriteStream().close();
    assert.deepEqual(await readMessage(peer), [[opcodes.text, true, ""]]);
    await ws.createWriteStream({ binary: true }).close();
    assert.deepEqual(await readMessage(peer), [[opcodes.binary, true, ""]]);
  });

  it("sends strings as UTF-8 where the message is binary, and no bytes where it is text", async () => {
    const { ws, peer } = await stage.pair();
    const writer = ws.createWriteStream({ binary: true }).getWriter();
    await writer.write("€");
    await writer.write(new Uint8Array([0x21]));
    await writer.close();
    const frames = await readMessage(peer);
    assert.deepEqual(frames.slice(0, 2), [
      [opcodes.binary, false, "€"],
      [0, false, "!"],
    ]);
    const texts = ws.createWriteStream({ binary: false }).getWriter();
    await rejectionOf(texts.write(Buffer.from("a")), "HAWSER_MESSAGE_TYPE");
    // Nothing of it was sent, so nothing is broken.
    ws.send("after");
    assert.equal(await peer.readText(), "after");
  });

  it("a chunk that is no part of such a message ends the connection once it has begun", async () => {
    const { ws, peer } = await stage.pair();
    const writer = ws.createWriteStream().getWriter();
    await writer.write("text");
    await rejectionOf(writer.write(Buffer.from("a")), "HAWSER_MESSAGE_TYPE");
    assert.equal((await peer.readClose()).code, 1011);
  });

  it("cuts a large chunk into fragments, and never between two surrogates", async () => {
    const { ws, peer } = await stage.pair();
    const text = `${"x".repeat(64 * 1024 - 1)}😀${"y".repeat(64 * 1024)}`;
    const writer = ws.createWriteStream().getWriter();
    const written = writer.write(text);
    const frames = await Promise.all([peer.readFrame(), peer.readFrame(), peer.readFrame()]);
    await written;
    assert.deepEqual(
      frames.map(({ payload }) => payload.length),
      [65_535, 65_538, 2],
    );
    assert.equal(Buffer.concat(frames.map(({ payload }) => payload)).toString(), text);
    const bytes = Buffer.alloc(150_000, "b");
    await writer.close();
    await peer.readFrame();
    const sending = ws.createWriteStream().getWriter().write(bytes);
    const sizes = [];
    for (let i = 0; i < 3; i++) sizes.push((await peer.readFrame()).payload.length);
    await sending;
    assert.deepEqual(sizes, [65_536, 65_536, 18_928]);
  });

  it("§8.1 two surrogates may come in two chunks; one alone becomes U+FFFD", async () => {
    const { ws, peer } = await stage.pair();
    const writer = ws.createWriteStream().getWriter();
    for (const chunk of ["a\ud83d", "\ude00b", "\ud83d"]) await writer.write(chunk);
    await writer.close();
    assert.deepEqual(await readMessage(peer), [
      [opcodes.text, false, "a"],
      [0, false, "😀b"],
      [0, true, "\ufffd"],
    ]);
  });

  it("other messages wait for its end, in their order, pings do not", async () => {
    const { ws, peer, server } = await stage.pair({ compression: true });
    ws.subscribe("all");
    const writer = ws.createWriteStream().getWriter();
    ws.send("before");
    await writer.write("a");
    ws.send("behind", { onWritten: (error) => log.add("written", error) });
    server.publish("all", "published");
    ws.ping("1");
    await writer.write("b");
    await turn();
    assert.deepEqual(log.entries, []);
    await writer.close();
    assert.equal(await peer.readText(), "before");
    const opcodesSeen: number[] = [];
    for (let i = 0; i < 4; i++) opcodesSeen.push((await peer.readFrame()).opcode);
    assert.deepEqual(opcodesSeen, [opcodes.text, opcodes.ping, 0, 0]);
    assert.deepEqual([await peer.readText(), await peer.readText()], ["behind", "published"]);
    assert.deepEqual(await log.waitFor("written"), [undefined]);
  });

  it("other messages are told that there is no room, until it has ended", async () => {
    const { ws, peer } = await stage.pair();
    peer.socket.resume();
    const writer = ws.createWriteStream().getWriter();
    await writer.write("a");
    const long = "x".repeat(40 * 1024);
    assert.equal(ws.send(long), true);
    assert.equal(ws.send(long), false);
    void ws.drained().then(() => log.add("drained"));
    await writer.write("b");
    await writer.write("c");
    assert.deepEqual(log.entries, []);
    await writer.close();
    await log.waitFor("drained");
  });

  it("what can't be put into it or beside it is refused", async () => {
    const { ws, peer } = await stage.pair();
    ws.send("mine", { fin: false });
    const early = ws.createWriteStream().getWriter();
    await rejectionOf<UsageError>(early.write("a"), "HAWSER_MESSAGE_OPEN");
    const empty = ws.createWriteStream();
    await rejectionOf<UsageError>(empty.close(), "HAWSER_MESSAGE_OPEN");
    ws.send("");
    const writer = ws.createWriteStream().getWriter();
    await writer.write("a");
    assert.throws(() => ws.send("b", { fin: false }), { code: "HAWSER_MESSAGE_OPEN" });
    await writer.close();
    assert.equal((await readMessage(peer)).length, 2);
    assert.equal((await readMessage(peer)).length, 2);
  });

  it("several are sent one after the other", async () => {
    const { ws, peer } = await stage.pair();
    const [first, second, third] = [0, 1, 2].map(() => ws.createWriteStream().getWriter());
    await first?.write("1");
    const writing = [second?.write("2"), third?.write("3")];
    const gone = second?.abort(new Error("not sent"));
    await first?.close();
    await Promise.allSettled([...writing, gone]);
    await third?.close();
    assert.deepEqual(await readMessage(peer), [
      [opcodes.text, false, "1"],
      [0, true, ""],
    ]);
    assert.deepEqual(await readMessage(peer), [
      [opcodes.text, false, "3"],
      [0, true, ""],
    ]);
    assert.equal(ws.state, "open");
  });

  for (const [title, reason, code] of [
    ["1011", new Error("broken"), 1011],
    ["what it is aborted with", { closeCode: 4000, reason: "" }, 4000],
  ] as const) {
    it(`aborted once it has begun, the connection closes with ${title}`, async () => {
      const { ws, peer } = await slowReader(stage);
      const writer = ws.createWriteStream().getWriter();
      await writer.write("a");
      fill(ws);
      // It goes out before the Close frame, or never.
      const write = writer.write("b").catch(() => undefined);
      const aborted = writer.abort(reason);
      peer.socket.resume();
      assert.equal((await peer.readClose()).code, code);
      peer.write(closeFrame(code));
      await peer.finish();
      await Promise.all([aborted, write]);
    });
  }

  it("a write is done when the peer has made room for it", async () => {
    const { ws, peer } = await slowReader(stage);
    fill(ws);
    const writer = ws.createWriteStream().getWriter();
    const written = writer.write("a").then(() => log.add("written"));
    await turn();
    assert.equal(log.count("written"), 0);
    peer.socket.resume();
    await written;
  });

  it("fails when the connection ends", async () => {
    const ends: ((ws: Connection, peer: RawPeer) => void)[] = [
      (ws) => ws.close(1000),
      (ws) => ws.terminate(),
      (_ws, peer) => peer.destroy(),
    ];
    for (const end of ends) {
      const { ws, peer } = await stage.pair();
      const writer = ws.createWriteStream().getWriter();
      const waiting = ws.createWriteStream().getWriter();
      await writer.write("a");
      const next = rejectionOf<ConnectionClosedError>(waiting.write("b"));
      const closed = rejectionOf<ConnectionClosedError>(writer.closed);
      end(ws, peer);
      peer.write(closeFrame(1000));
      peer.socket.end();
      const late = rejectionOf<ConnectionClosedError>(writer.write("late"));
      for (const error of [await closed, await late, await next]) {
        assert.ok(error instanceof ConnectionClosedError);
      }
      await ws.closed;
      const after = rejectionOf<ConnectionClosedError>(
        ws.createWriteStream().getWriter().write("a"),
      );
      assert.ok((await after) instanceof ConnectionClosedError);
    }
  });
});
