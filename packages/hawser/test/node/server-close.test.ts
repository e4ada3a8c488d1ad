// Server.close(): no new connections, everybody gets a Close frame, and it comes to an end in time
// whatever the others do.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, it } from "node:test";
import { type CloseOptions, Server, UsageError } from "../../dist/index.js";
import { deferred, within } from "../support/deferred.ts";
import { closeFrame, frame, opcodes } from "../support/frame.ts";
import { headText, requestText } from "../support/http-head.ts";
import type { RawPeer } from "../support/raw-peer.ts";
import { rejectionOf } from "../support/rejection.ts";
import { Stage } from "../support/stage.ts";

const stage = new Stage();
const { log } = stage;
afterEach(() => stage.end());

/** Answers the Close frame, as a good client does. */
async function answerClose(peer: RawPeer): Promise<{ code: number; reason: string }> {
  const close = await peer.readClose();
  peer.write(closeFrame(close.code));
  await peer.finish();
  return close;
}

describe("Server.close", () => {
  it("sends 1001 to everybody and resolves when they are gone", async () => {
    const server = await stage.serve({ close: (_ws, code) => log.add("close", code) });
    const peers = [await stage.open(server), await stage.open(server), await stage.open(server)];
    const closing = server.close();
    for (const peer of peers) assert.equal((await answerClose(peer)).code, 1001);
    await closing;
    assert.deepEqual(log.all("close"), [[1001], [1001], [1001]]);
    assert.equal(server.stats().connections, 0);
  });

  it("sends the code and reason it was given", async () => {
    const server = await stage.serve();
    const peer = await stage.open(server);
    const closing = server.close({ code: 1012, reason: "restart" });
    const { code, reason } = await answerClose(peer);
    assert.deepEqual([code, reason], [1012, "restart"]);
    await closing;
  });

  it("sends the Close frame behind all that is queued", async () => {
    const server = await stage.serve({ open: (ws) => ws.subscribe("all") });
    const peer = await stage.open(server);
    for (let i = 0; i < 100; i++) server.publish("all", `message ${i}`);
    const closing = server.close();
    for (let i = 0; i < 100; i++) assert.equal(await peer.readText(), `message ${i}`);
    assert.equal((await answerClose(peer)).code, 1001);
    await closing;
  });

  it("accepts nobody any more, from the first moment on", async () => {
    const server = await stage.serve();
    const { url } = server;
    const peer = await stage.open(server);
    const closing = server.close();
    await rejectionOf(stage.connect(url), "HAWSER_CONNECT");
    await answerClose(peer);
    await closing;
  });

  it("is idempotent: the same promise again, and the first options hold", async () => {
    const server = await stage.serve();
    const peer = await stage.open(server);
    const closing = server.close({ code: 4000 });
    assert.equal(server.close({ code: 4001 }), closing);
    assert.equal((await answerClose(peer)).code, 4000);
    await closing;
    assert.equal(server.close(), closing);
  });

  it("without a connection, or before it listened, resolves at once", async () => {
    const server = await stage.serve();
    await within(server.close(), "close", 500);
    await within(new Server().close(), "close", 500);
  });

  it("while it is about to listen leaves nothing listening", async () => {
    const server = new Server();
    const listening = server.listen({ hostname: "localhost" });
    await within(server.close(), "close", 1_000);
    await within(
      listening.catch(() => undefined),
      "listen",
      1_000,
    );
    assert.equal(server.address(), null);
  });

  it("closes keep-alive connections of plain HTTP too", async () => {
    const server = await stage.serve({ fetch: () => new Response("ok") });
    const peer = await stage.dial(server);
    peer.write(headText("GET / HTTP/1.1", { Host: "localhost" }));
    assert.equal((await peer.readResponse()).body, "ok");
    await within(server.close(), "close", 500);
    await peer.waitForEnd();
  });

  it("lets a plain request that is being answered finish", async () => {
    const asked = deferred();
    const decision = deferred();
    const server = await stage.serve({
      async fetch() {
        asked.resolve();
        await decision.promise;
        return new Response("done");
      },
    });
    const peer = await stage.dial(server);
    peer.write(headText("GET / HTTP/1.1", { Host: "localhost" }));
    await asked.promise;
    const closing = server.close();
    decision.resolve();
    assert.equal((await peer.readResponse()).body, "done");
    await closing;
  });

  it("waits for messages that handlers still work on", async () => {
    const work = deferred();
    const server = await stage.serve({
      async message(ws, message) {
        log.add("begun", message);
        await work.promise;
        log.add("done", message);
        ws.send(message);
      },
    });
    const peer = await stage.open(server);
    peer.write(Buffer.concat(["one", "two", "three"].map((text) => frame(opcodes.text, text))));
    await log.waitFor("begun");
    const closing = server.close();
    await answerClose(peer);
    work.resolve();
    await closing;
    assert.deepEqual(log.all("done"), [["one"], ["two"], ["three"]]);
  });
});

describe("Server.close: in time", () => {
  it("terminates at timeoutMs who has not closed by then", async () => {
    const server = await stage.serve({ close: (_ws, code) => log.add("close", code) });
    const silent = await stage.open(server);
    const good = await stage.open(server);
    const started = performance.now();
    const closing = server.close({ timeoutMs: 150 });
    await answerClose(good);
    await closing;
    const took = performance.now() - started;
    assert.ok(took >= 140 && took < 1_000, `${took} ms`);
    await silent.waitForEnd();
    assert.deepEqual(log.all("close"), [[1001], [1006]]);
  });

  it("also a handler that never ends and a plain request that is never answered", async () => {
    const server = await stage.serve({
      message: () => new Promise<void>(() => undefined),
      fetch: () => new Promise<Response>(() => undefined),
    });
    const peer = await stage.open(server);
    peer.send("never");
    const plain = await stage.dial(server);
    plain.write(headText("GET / HTTP/1.1", { Host: "localhost" }));
    await within(server.close({ timeoutMs: 100 }), "close", 1_000);
    await plain.waitForEnd();
  });

  it("spreads the Close frames over spreadMs", async () => {
    const server = await stage.serve();
    const peers: RawPeer[] = [];
    for (let i = 0; i < 10; i++) peers.push(await stage.open(server));
    const started = performance.now();
    const closing = server.close({ spreadMs: 300 });
    const times = await Promise.all(
      peers.map(async (peer) => {
        await answerClose(peer);
        return performance.now() - started;
      }),
    );
    await closing;
    for (const [index, time] of times.toSorted((a, b) => a - b).entries()) {
      assert.ok(time > index * 30 - 5, `number ${index} after ${time} ms`);
    }
    assert.ok(Math.max(...times) < 1_000);
  });

  it("spreads no longer than timeoutMs allows", async () => {
    const server = await stage.serve();
    for (let i = 0; i < 4; i++) await stage.open(server);
    await within(server.close({ spreadMs: 200, timeoutMs: 200 }), "close", 1_000);
  });

  it("who closes by himself while the frames are spread gets no second one", async () => {
    const server = await stage.serve({ close: (_ws, code) => log.add("close", code) });
    const peers = [await stage.open(server), await stage.open(server)];
    const closing = server.close({ spreadMs: 200 });
    const [first, second] = peers as [RawPeer, RawPeer];
    second.write(closeFrame(4000));
    assert.equal((await second.readClose()).code, 4000);
    await second.finish();
    await answerClose(first);
    await closing;
    assert.deepEqual(new Set(log.all("close").flat()), new Set([1001, 4000]));
  });
});

describe("Server.close: handshakes under way get a 503", () => {
  it("that wait for the upgrade hook; its signal is aborted, its answer of no effect", async () => {
    const asked = deferred();
    const decision = deferred();
    const server = await stage.serve({
      async upgrade({ signal }) {
        signal.addEventListener("abort", () => log.add("abort"));
        asked.resolve();
        await decision.promise;
        return {};
      },
      open: () => log.add("open"),
    });
    const peer = await stage.dial(server);
    peer.write(requestText());
    await asked.promise;
    const closing = server.close();
    const { status, body } = await peer.readResponse();
    assert.equal(status, 503);
    assert.match(body, /closing/);
    await peer.finish();
    await log.waitFor("abort", 1, 1_000);
    decision.resolve();
    await closing;
    assert.deepEqual(log.names, ["abort"]);
  });

  it("that have not sent all of their request, while others still close", async () => {
    const server = await stage.serve();
    const peer = await stage.dial(server);
    const text = requestText();
    peer.write(text.slice(0, 40));
    const other = await stage.open(server);
    const closing = server.close();
    peer.write(text.slice(40));
    assert.equal((await peer.readResponse()).status, 503);
    await peer.finish();
    await answerClose(other);
    await closing;
  });

  it("on an attached HTTP server that wait for the hook", async () => {
    const asked = deferred();
    const server = new Server({
      upgrade() {
        asked.resolve();
        return new Promise<never>(() => undefined);
      },
    });
    const http = createServer();
    server.attach(http);
    await new Promise<void>((resolve) => {
      http.listen(0, "127.0.0.1", resolve);
    });
    const { port } = http.address() as AddressInfo;
    const connecting = rejectionOf<{ status: number }>(stage.connect(`ws://127.0.0.1:${port}`));
    await asked.promise;
    await server.close();
    assert.equal((await connecting).status, 503);
    assert.equal(http.listening, true);
    http.close();
  });
});

describe("Server.close: bad arguments", () => {
  for (const options of [
    { timeoutMs: 0 },
    { timeoutMs: -1 },
    { spreadMs: -1 },
    { spreadMs: 10_001 },
    { timeoutMs: 100, spreadMs: 101 },
    { code: 1005 },
    { code: 999 },
    { reason: "x".repeat(124) },
  ] as CloseOptions[]) {
    it(`${JSON.stringify(options).slice(0, 40)} throws before anything happens`, async () => {
      const server = await stage.serve();
      const peer = await stage.open(server);
      await assert.rejects(async () => server.close(options), UsageError);
      assert.equal((await stage.connect(server)).state, "open");
      const closing = server.close();
      await answerClose(peer);
      for (const ws of server.connections) ws.terminate();
      await closing;
    });
  }
});
