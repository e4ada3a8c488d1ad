// The handlers of a connection: in which order they run, what waits for them, and what becomes of a
// connection whose handler fails.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { afterEach, describe, it } from "node:test";
import {
  type Connection,
  ConnectionClosedError,
  type ConnectionHandlers,
  Server,
} from "../../dist/index.js";
import { deferred, turn } from "../support/deferred.ts";
import { closeFrame, frame, opcodes } from "../support/frame.ts";
import { requestText } from "../support/http-head.ts";
import { type StageOptions, Stage } from "../support/stage.ts";

const stage = new Stage();
const { log } = stage;
afterEach(() => stage.end());

const texts = (...contents: string[]): Buffer =>
  Buffer.concat(contents.map((content) => frame(opcodes.text, content)));

/** Lets everything happen that could happen. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await turn();
}

const ends: StageOptions = {
  close: (_ws, code, reason) => log.add("close", code, reason),
  error: (error) => log.add("error", error),
};

describe("handlers: order", () => {
  it("open, the messages in order, close", async () => {
    const { peer } = await stage.pair({
      ...ends,
      open: () => log.add("open"),
      message: (_ws, message) => log.add("message", message),
    });
    peer.write(
      Buffer.concat([texts("a", "b"), frame(opcodes.binary, "c"), closeFrame(1000, "bye")]),
    );
    await peer.finish();
    await log.waitFor("close");
    assert.deepEqual(log.entries, [
      { name: "open", values: [] },
      { name: "message", values: ["a"] },
      { name: "message", values: ["b"] },
      { name: "message", values: [Buffer.from("c")] },
      { name: "close", values: [1000, "bye"] },
    ]);
  });

  it("are methods of the options, which may be an object of a class", async () => {
    class Handlers {
      readonly #name = "mine";
      open(): void {
        log.add("open", this.#name);
      }
      message(ws: Connection): void {
        log.add("message", this.#name);
        ws.close();
      }
      ping(): void {
        log.add("ping", this.#name);
      }
      close(): void {
        log.add("close", this.#name);
      }
    }
    const server = stage.keep(new Server(new Handlers()));
    await server.listen({ hostname: "127.0.0.1" });
    const peer = await stage.open(server);
    peer.write(Buffer.concat([frame(opcodes.ping), texts("x"), closeFrame()]));
    await peer.finish();
    await log.waitFor("close");
    assert.deepEqual(
      log.entries.map(({ name, values }) => `${name} ${String(values[0])}`),
      ["open mine", "ping mine", "message mine", "close mine"],
    );
  });

  it("no message before a promise of `open` settles, not even one that came with the request", async () => {
    const opened = deferred();
    const server = await stage.serve({
      async open() {
        log.add("open");
        await opened.promise;
        log.add("opened");
      },
      message: (_ws, message) => log.add("message", message),
    });
    const peer = await stage.dial(server);
    peer.write(Buffer.concat([Buffer.from(requestText()), texts("early")]));
    await peer.readHead();
    peer.write(texts("later"));
    await settle();
    assert.deepEqual(log.names, ["open"]);
    opened.resolve();
    await log.waitFor("message", 2);
    assert.deepEqual(log.names, ["open", "opened", "message", "message"]);
    assert.deepEqual(log.all("message"), [["early"], ["later"]]);
  });

  it("async handlers run one after the other, sync ones at once", async () => {
    const { peer } = await stage.pair({
      message(_ws, message) {
        log.add("begin", message);
        if (!String(message).startsWith("async")) return undefined;
        return turn().then(() => log.add("end", message));
      },
    });
    peer.write(texts("sync 1", "async 1", "sync 2", "async 2", "sync 3"));
    await log.waitFor("begin", 5);
    assert.deepEqual(
      log.entries.map(({ name, values }) => `${name} ${String(values[0])}`),
      [
        "begin sync 1",
        "begin async 1",
        "end async 1",
        "begin sync 2",
        "begin async 2",
        "end async 2",
        "begin sync 3",
      ],
    );
  });

  it("a busy handler of one connection does not hold another", async () => {
    const busy = deferred();
    const { peer, server } = await stage.pair({
      async message(ws, message) {
        if (message === "wait") await busy.promise;
        ws.send(message);
      },
    });
    const other = await stage.open(server);
    peer.write(texts("wait"));
    other.write(texts("go"));
    assert.equal(await other.readText(), "go");
    busy.resolve();
    assert.equal(await peer.readText(), "wait");
  });

  it("pings are not answered behind a busy handler, nor lost", async () => {
    const busy = deferred();
    const { peer } = await stage.pair({ message: () => busy.promise });
    peer.write(Buffer.concat([texts("wait"), frame(opcodes.ping, "p")]));
    await settle();
    busy.resolve();
    assert.equal((await peer.readFrame()).opcode, opcodes.pong);
  });

  it("without any handler messages are read and dropped", async () => {
    const { ws, peer } = await stage.pair();
    peer.write(Buffer.concat([texts("a", "b"), frame(opcodes.ping)]));
    assert.equal((await peer.readFrame()).opcode, opcodes.pong);
    assert.equal(ws.stats.messagesReceived, 2);
  });
});

describe("handlers: close", () => {
  it("comes after messages that a busy handler still has to take, though the socket is gone", async () => {
    const busy = deferred();
    const { peer } = await stage.pair({
      ...ends,
      async message(_ws, message) {
        await busy.promise;
        log.add("message", message);
      },
    });
    peer.write(texts("a", "b", "c"));
    peer.socket.end();
    await peer.waitForEnd();
    peer.destroy();
    await settle();
    assert.deepEqual(log.names, []);
    busy.resolve();
    await log.waitFor("close");
    assert.deepEqual(log.names, ["message", "message", "message", "close"]);
    assert.deepEqual(log.all("close"), [[1006, ""]]);
  });

  it("comes at once when the connection is terminated, and the rest is dropped", async () => {
    const busy = deferred();
    const { ws, peer } = await stage.pair({
      ...ends,
      async message(_ws, message) {
        log.add("message", message);
        await busy.promise;
      },
    });
    peer.write(texts("a", "b", "c"));
    await log.waitFor("message");
    ws.terminate();
    await log.waitFor("close");
    busy.resolve();
    await settle();
    assert.deepEqual(log.names, ["message", "close"]);
  });

  it("close() in a handler: messages that were on their way are still delivered", async () => {
    const { peer } = await stage.pair({
      ...ends,
      message(ws, message) {
        log.add("message", message);
        ws.close(4000);
      },
    });
    peer.write(Buffer.concat([texts("a", "b", "c"), closeFrame(4000)]));
    await peer.finish();
    await log.waitFor("close");
    assert.deepEqual(log.all("message"), [["a"], ["b"], ["c"]]);
    assert.deepEqual(log.all("close"), [[4000, ""]]);
  });

  it("close() while a handler is busy: the closing handshake ends when it is done", async () => {
    const busy = deferred();
    const { ws, peer } = await stage.pair({
      ...ends,
      async message() {
        log.add("message");
        await busy.promise;
      },
    });
    peer.write(texts("a"));
    await log.waitFor("message");
    ws.close(4000);
    assert.equal((await peer.readClose()).code, 4000);
    peer.write(closeFrame(4000));
    await settle();
    assert.equal(ws.state, "closing");
    busy.resolve();
    await peer.finish();
    assert.equal((await ws.closed).wasClean, true);
  });

  it("a handler that is busy longer than closeTimeoutMs: what it waits for is not lost", async () => {
    const busy = deferred();
    const { ws, peer } = await stage.pair({
      ...ends,
      closeTimeoutMs: 30,
      async message(_ws, message) {
        await busy.promise;
        log.add("message", message);
      },
    });
    peer.write(texts("a", "b"));
    ws.close(4000);
    assert.equal((await peer.readClose()).code, 4000);
    await peer.waitForEnd();
    busy.resolve();
    await log.waitFor("close");
    assert.deepEqual(log.all("message"), [["a"], ["b"]]);
  });

  it("drained() and closed are settled before it runs", async () => {
    const { ws, peer } = await stage.pair({ ...ends, highWaterBytes: 1024 });
    peer.socket.pause();
    while (ws.send("x".repeat(64 * 1024)));
    const waiting = ws.drained().catch((error: unknown) => log.add("drained", error));
    ws.closed.then(() => log.add("closed")).catch(() => undefined);
    ws.terminate();
    await waiting;
    await log.waitFor("close");
    await settle();
    assert.ok(log.all("drained")[0]?.[0] instanceof ConnectionClosedError);
    assert.equal(log.count("closed"), 1);
  });
});

describe("handlers: failures", () => {
  type Failing = Pick<ConnectionHandlers<unknown>, "open" | "message" | "ping" | "pong">;
  const failure = new Error("a handler failed");
  const fail = (): never => {
    throw failure;
  };
  for (const [title, handlers] of [
    ["open throws", { open: fail }],
    ["open rejects", { open: () => Promise.reject(failure) }],
    ["message throws", { message: fail }],
    ["message rejects", { message: () => Promise.reject(failure) }],
    ["message rejects later", { message: () => turn().then(fail) }],
    ["ping throws", { ping: fail }],
    ["ping rejects", { ping: (): void => Promise.reject(failure) as never }],
    ["pong throws", { pong: fail }],
  ] as [string, Failing][]) {
    it(`${title}: 1011, told to the error hook, and nothing more is delivered`, async () => {
      const server = await stage.serve({
        message: (_ws, message) => log.add("message", message),
        ...handlers,
        ...ends,
        error: (error, ws) => log.add("error", error, ws?.state),
      });
      const peer = await stage.dial(server);
      peer.write(requestText());
      await peer.readHead();
      peer.write(Buffer.concat([frame(opcodes.ping), frame(opcodes.pong), texts("a")]));
      assert.equal((await peer.readClose()).code, 1011);
      peer.write(Buffer.concat([texts("late"), frame(opcodes.ping), closeFrame(1011)]));
      await peer.finish();
      await log.waitFor("close");
      assert.deepEqual(log.all("error"), [[failure, "open"]]);
      assert.equal(log.all("message").flat().includes("late"), false);
      assert.deepEqual(log.all("close"), [[1011, ""]]);
    });
  }

  it("drain throws: 1011", async () => {
    const { ws, peer } = await stage.pair({ ...ends, drain: fail });
    peer.socket.pause();
    while (ws.send("x".repeat(64 * 1024)));
    peer.socket.resume();
    assert.equal((await peer.readClose()).code, 1011);
    assert.deepEqual(log.all("error"), [[failure]]);
  });

  for (const [title, close] of [
    ["throws", fail],
    ["rejects", () => Promise.reject(failure)],
  ] as const) {
    it(`close ${title}: told to the error hook`, async () => {
      const { ws } = await stage.pair({ error: (error) => log.add("error", error), close });
      ws.terminate();
      assert.deepEqual(await log.waitFor("error"), [failure]);
      await settle();
      assert.equal(log.count("error"), 1);
    });
  }

  it("without an error hook what handlers throw is printed, and what peers do is not", async (t) => {
    const print = t.mock.method(console, "error", () => undefined);
    const { peer, server } = await stage.pair({ message: fail });
    peer.write(texts("a"));
    assert.equal((await peer.readClose()).code, 1011);
    const bad = await stage.open(server);
    bad.write(frame(3));
    assert.equal((await bad.readClose()).code, 1002);
    assert.deepEqual(
      print.mock.calls.map((call) => call.arguments),
      [["hawser: a handler failed:", failure]],
    );
  });

  it("an error hook that throws is printed, and ends nothing", async (t) => {
    const print = t.mock.method(console, "error", () => undefined);
    const second = new Error("the hook");
    const { peer } = await stage.pair({
      message: fail,
      error: () => {
        throw second;
      },
    });
    peer.write(texts("a"));
    assert.equal((await peer.readClose()).code, 1011);
    const printed = print.mock.calls[0]?.arguments as unknown[];
    assert.ok(printed.includes(failure) && printed.includes(second));
  });
});
