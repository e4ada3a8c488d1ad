// What users hold of a connection: everything it has, on a server's side with a raw client at the other
// end, so that the bytes can be looked at.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { afterEach, describe, it } from "node:test";
import { type Connection, LimitError, type Sendable, UsageError } from "../../dist/index.js";
import { turn } from "../support/deferred.ts";
import { closeFrame, frame, opcodes } from "../support/frame.ts";
import { Stage } from "../support/stage.ts";

const stage = new Stage();
const { log } = stage;
afterEach(() => stage.end());

const isUsage = (code: string) => (error: unknown) =>
  error instanceof UsageError && error.code === code;

describe("Connection: what it is", () => {
  it("has an id that no other has, data that is the user's, and tells of both sides", async () => {
    const { ws, peer, server } = await stage.pair({
      upgrade: () => ({ data: { user: 1 } }),
      protocols: ["chat"],
    });
    const other = await stage.open(server, { "Sec-WebSocket-Protocol": "chat" });
    const [first, second] = [...server.connections] as [Connection, Connection];
    assert.equal(first, ws);
    assert.match(ws.id, /^[0-9a-f]{12}-[0-9a-z]+$/);
    assert.notEqual(first.id, second.id);
    assert.deepEqual(ws.data, { user: 1 });
    ws.data = { user: 2 };
    assert.deepEqual(first.data, { user: 2 });
    assert.deepEqual([first.protocol, second.protocol], ["", "chat"]);
    assert.equal(ws.extensions, "");
    assert.equal(ws.remoteAddress, "127.0.0.1");
    assert.equal(ws.isPaused, false);
    assert.equal(ws.bufferedBytes, 0);
    for (const one of [peer, other]) one.destroy();
  });

  it("goes from open by closing to closed", async () => {
    const { ws, peer } = await stage.pair({ close: (one) => log.add("close", one.state) });
    assert.equal(ws.state, "open");
    ws.close();
    assert.equal(ws.state, "closing");
    await peer.readClose();
    peer.write(closeFrame());
    await peer.finish();
    await ws.closed;
    assert.equal(ws.state, "closed");
    assert.deepEqual(log.all("close"), [["closed"]]);
  });

  it("counts messages and bytes", async () => {
    const { ws, peer } = await stage.pair({ message: (one, message) => void one.send(message) });
    peer.send("Hello");
    await peer.readText();
    peer.write(frame(opcodes.ping));
    await peer.readFrame();
    assert.deepEqual(ws.stats, {
      messagesReceived: 1,
      messagesSent: 1,
      bytesReceived: 11 + 6,
      bytesSent: 7 + 2,
    });
  });
});

describe("Connection: compressed", () => {
  for (const [title, content] of [
    ["small", Buffer.alloc(2_000, "ab")],
    ["inflated in a thread", Buffer.alloc(300_000, "ab")],
  ] as const) {
    it(`a binary message is a Buffer of the receiver's own: ${title}`, async () => {
      const server = await stage.serve({
        compression: { mode: "dedicated" },
        message(ws, message) {
          ws.send(message);
          log.add("received", Buffer.isBuffer(message), content.equals(message as Buffer));
        },
      });
      const ws = await stage.connect(server, {
        compression: { mode: "dedicated" },
        message(_ws, message) {
          log.add("received", Buffer.isBuffer(message), content.equals(message as Buffer));
          // Nothing of the window that the next one needs.
          (message as Buffer).fill(0);
        },
      });
      for (const count of [2, 4]) {
        ws.send(content);
        await log.waitFor("received", count);
      }
      assert.deepEqual(
        log.all("received"),
        Array.from({ length: 4 }, () => [true, true]),
      );
    });
  }
});

describe("Connection: send", () => {
  const bytes = Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]);
  const shared = new SharedArrayBuffer(2);
  new Uint8Array(shared).set([1, 2]);
  for (const [title, message, opcode, payload] of [
    ["a string as UTF-8", "hé€😀", opcodes.text, Buffer.from("hé€😀")],
    ["an empty string", "", opcodes.text, Buffer.alloc(0)],
    ["a Buffer", bytes, opcodes.binary, bytes],
    ["an empty Buffer", Buffer.alloc(0), opcodes.binary, Buffer.alloc(0)],
    ["a part of a Buffer", bytes.subarray(2, 4), opcodes.binary, Buffer.from([3, 4])],
    ["a Uint8Array", new Uint8Array([1, 255]), opcodes.binary, Buffer.from([1, 255])],
    ["an Int16Array", new Int16Array([256]), opcodes.binary, Buffer.from([0, 1])],
    [
      "a part of a Float64Array",
      new Float64Array([1, 0]).subarray(1),
      opcodes.binary,
      Buffer.alloc(8),
    ],
    [
      "a DataView",
      new DataView(new Uint8Array([1, 2, 3]).buffer, 1),
      opcodes.binary,
      Buffer.from([2, 3]),
    ],
    ["an ArrayBuffer", new Uint8Array([9]).buffer, opcodes.binary, Buffer.from([9])],
    ["a SharedArrayBuffer", shared, opcodes.binary, Buffer.from([1, 2])],
    ["a long string", "x".repeat(200_000), opcodes.text, Buffer.alloc(200_000, "x")],
    ["a long Buffer", Buffer.alloc(200_000, 7), opcodes.binary, Buffer.alloc(200_000, 7)],
  ] as [string, Sendable, number, Buffer][]) {
    it(title, async () => {
      const { ws, peer } = await stage.pair();
      assert.equal(typeof ws.send(message), "boolean");
      const sent = await peer.readFrame();
      assert.deepEqual([sent.opcode, sent.fin, sent.isMasked], [opcode, true, false]);
      assert.ok(sent.payload.equals(payload));
    });
  }

  for (const [title, wrong] of [
    ["a number", 5],
    ["a boolean", true],
    ["null", null],
    ["undefined", undefined],
    ["an object", {}],
    ["a list", [1]],
    ["an object with a length", { length: 2 }],
    ["a function", () => ""],
    ["a symbol", Symbol("x")],
    ["a bigint", 5n],
    ["a date", new Date(0)],
  ] as const) {
    it(`throws for ${title}, and nothing reaches the wire`, async () => {
      const { ws, peer } = await stage.pair();
      for (const send of [
        () => ws.send(wrong as never),
        () => ws.publish("topic", wrong as never),
      ]) {
        assert.throws(send, isUsage("HAWSER_MESSAGE_TYPE"));
      }
      ws.send("next");
      assert.equal(await peer.readText(), "next");
    });
  }

  it("returns false once the connection is not open, and throws nothing", async () => {
    const { ws, peer } = await stage.pair();
    ws.close();
    assert.equal(ws.send("late"), false);
    assert.equal((await peer.readClose()).code, 1005);
    ws.terminate();
    await ws.closed;
    assert.equal(ws.send("later"), false);
    assert.equal(ws.stats.messagesSent, 0);
  });
});

describe("Connection: ping and pong", () => {
  it("go out with their payload; handlers get what comes", async () => {
    const { ws, peer } = await stage.pair({
      ping: (_ws, payload) => log.add("ping", payload.toString()),
      pong: (_ws, payload) => log.add("pong", payload.toString()),
    });
    assert.equal(ws.ping("question"), true);
    assert.equal(ws.pong(Buffer.from("unasked")), true);
    assert.equal(ws.ping(), true);
    const frames = [await peer.readFrame(), await peer.readFrame(), await peer.readFrame()];
    assert.deepEqual(
      frames.map(({ opcode, payload }) => [opcode, payload.toString()]),
      [
        [opcodes.ping, "question"],
        [opcodes.pong, "unasked"],
        [opcodes.ping, ""],
      ],
    );
    peer.write(Buffer.concat([frame(opcodes.pong, "answer"), frame(opcodes.ping, "theirs")]));
    const reply = await peer.readFrame();
    assert.deepEqual([reply.opcode, reply.payload.toString()], [opcodes.pong, "theirs"]);
    assert.deepEqual(log.entries, [
      { name: "pong", values: ["answer"] },
      { name: "ping", values: ["theirs"] },
    ]);
  });

  it("with 125 bytes at most", async () => {
    const { ws, peer } = await stage.pair();
    ws.ping("x".repeat(125));
    assert.equal((await peer.readFrame()).payload.length, 125);
    for (const payload of ["x".repeat(126), "é".repeat(63), Buffer.alloc(126)]) {
      assert.throws(() => ws.ping(payload), isUsage("HAWSER_CONTROL_PAYLOAD"));
      assert.throws(() => ws.pong(payload), isUsage("HAWSER_CONTROL_PAYLOAD"));
    }
    assert.throws(() => ws.ping(5 as never), isUsage("HAWSER_MESSAGE_TYPE"));
  });

  it("return false once the connection is not open", async () => {
    const { ws, peer } = await stage.pair();
    ws.close();
    assert.deepEqual([ws.ping(), ws.pong()], [false, false]);
    assert.equal((await peer.readFrame()).opcode, opcodes.close);
  });
});

describe("Connection: pause and resume", () => {
  it("nothing is delivered in between, and all of it in order afterwards", async () => {
    const { ws, peer } = await stage.pair({
      message: (_ws, message) => log.add("message", message),
    });
    ws.pause();
    assert.equal(ws.isPaused, true);
    for (let i = 0; i < 5; i++) {
      peer.send(`message ${i}`);
      await turn();
    }
    for (let i = 0; i < 10; i++) await turn();
    assert.equal(log.count("message"), 0);
    ws.resume();
    ws.resume();
    assert.equal(ws.isPaused, false);
    await log.waitFor("message", 5);
    assert.deepEqual(
      log.all("message"),
      Array.from({ length: 5 }, (_, i) => [`message ${i}`]),
    );
  });

  it("within a handler it holds what came in the same packet", async () => {
    const { ws, peer } = await stage.pair({
      message(one, message) {
        log.add("message", message);
        if (message === "pause") one.pause();
      },
    });
    peer.write(Buffer.concat(["a", "pause", "b"].map((text) => frame(opcodes.text, text))));
    await log.waitFor("message", 2);
    for (let i = 0; i < 10; i++) await turn();
    assert.deepEqual(log.all("message"), [["a"], ["pause"]]);
    ws.resume();
    assert.deepEqual(log.all("message").at(-1), ["b"]);
  });

  it("a peer that goes away in the meantime: what came before is delivered, then the end", async () => {
    const { ws, peer } = await stage.pair({
      message: (_ws, message) => log.add("message", message),
      close: (_ws, code) => log.add("close", code),
    });
    ws.pause();
    peer.send("before");
    peer.write(closeFrame(4000));
    peer.socket.end();
    await log.waitFor("close");
    assert.deepEqual(log.entries, [
      { name: "message", values: ["before"] },
      { name: "close", values: [4000] },
    ]);
  });

  it("sending goes on while paused", async () => {
    const { ws, peer } = await stage.pair();
    ws.pause();
    ws.send("Hello");
    assert.equal(await peer.readText(), "Hello");
  });
});

describe("Connection: its end", () => {
  it("closed tells how, before and after it has happened", async () => {
    const { ws, peer } = await stage.pair();
    const before = ws.closed;
    peer.write(closeFrame(4001, "enough"));
    await peer.readClose();
    await peer.finish();
    const expected = { code: 4001, reason: "enough", wasClean: true, error: undefined };
    assert.deepEqual(await before, expected);
    assert.deepEqual(await ws.closed, expected);
  });

  it("terminate ends at once: 1006, and what is unread is lost", async () => {
    const { ws, peer } = await stage.pair({
      message: (_ws, message) => log.add("message", message),
      close: (_ws, code) => log.add("close", code),
    });
    ws.pause();
    peer.send("unread");
    await turn();
    ws.send("unsent");
    ws.terminate();
    assert.deepEqual(await log.waitFor("close"), [1006]);
    await peer.waitForEnd();
    assert.deepEqual(log.names, ["close"]);
    ws.terminate();
    ws.close();
    assert.equal((await ws.closed).wasClean, false);
  });

  it("the error that ended it is told by closed", async () => {
    const { ws, peer } = await stage.pair({ maxMessageBytes: 10 });
    peer.send("more than ten");
    await peer.finish();
    const { error } = await ws.closed;
    assert.ok(error instanceof LimitError);
    assert.deepEqual([error.limit, error.actual], [10, 13]);
  });
});

describe("Connection: topics", () => {
  it("subscribe, publish to the others, unsubscribe", async () => {
    const { ws, peer, server } = await stage.pair();
    const other = await stage.open(server);
    const second = [...server.connections][1] as Connection;
    ws.subscribe("news");
    ws.subscribe("more");
    ws.subscribe("news");
    second.subscribe("news");
    assert.deepEqual(ws.subscriptions, ["news", "more"]);
    assert.deepEqual([ws.isSubscribed("news"), ws.isSubscribed("none")], [true, false]);
    assert.deepEqual(second.subscriptions, ["news"]);
    assert.equal(ws.publish("news", "from the first"), 1);
    assert.equal(await other.readText(), "from the first");
    assert.equal(second.publish("news", "from the second"), 1);
    assert.equal(await peer.readText(), "from the second");
    ws.unsubscribe("news");
    ws.unsubscribe("never was");
    assert.equal(second.publish("news", "nobody else"), 0);
    assert.equal(server.subscribers("news"), 1);
  });

  it("the end of a connection ends its subscriptions, and no new one begins", async () => {
    const { ws, server } = await stage.pair();
    ws.subscribe("news");
    ws.terminate();
    await ws.closed;
    assert.deepEqual([server.subscribers("news"), server.stats().topics], [0, 0]);
    ws.subscribe("news");
    assert.equal(server.subscribers("news"), 0);
  });

  it("at most maxSubscriptions", async () => {
    const { ws } = await stage.pair({ maxSubscriptions: 2 });
    ws.subscribe("a");
    ws.subscribe("b");
    ws.subscribe("a");
    assert.throws(
      () => ws.subscribe("c"),
      (error) => error instanceof LimitError && error.code === "HAWSER_TOO_MANY_SUBSCRIPTIONS",
    );
    ws.unsubscribe("a");
    ws.subscribe("c");
    assert.deepEqual(ws.subscriptions, ["b", "c"]);
  });

  it("a client has none", async () => {
    const server = await stage.serve();
    const ws = await stage.connect(server);
    for (const use of [
      () => ws.subscribe("a"),
      () => ws.unsubscribe("a"),
      () => ws.publish("a", "b"),
    ]) {
      assert.throws(use, isUsage("HAWSER_NO_TOPICS"));
    }
    assert.deepEqual([ws.subscriptions, ws.isSubscribed("a")], [[], false]);
  });
});
