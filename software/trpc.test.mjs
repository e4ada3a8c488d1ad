// tRPC: its adapter for ws (`applyWSSHandler`) answers procedures and subscriptions over a WebSocketServer, its
// client takes the class of ws as its WebSocket, by `addEventListener` and `removeEventListener`.

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import { initTRPC, TRPCError } from "@trpc/server";
import { applyWSSHandler } from "@trpc/server/adapters/ws";
import { wsOf } from "./support.mjs";

const WebSocket = wsOf("@trpc/server");
const t = initTRPC.create();
const router = t.router({
  hello: t.procedure.input((name) => String(name)).query(({ input }) => `hello ${input}`),
  fail: t.procedure.mutation(() => {
    throw new TRPCError({ code: "FORBIDDEN", message: "not you" });
  }),
  count: t.procedure
    .input((to) => Number(to))
    .subscription(async function* count({ input }) {
      for (let n = 1; n <= input; n++) yield n;
    }),
});

describe("tRPC", { timeout: 30_000 }, () => {
  let wss;
  let handler;
  let client;
  let trpc;

  before(async () => {
    wss = new WebSocket.Server({ port: 0, host: "127.0.0.1" });
    await once(wss, "listening");
    handler = applyWSSHandler({ wss, router, createContext: () => ({}) });
    client = createWSClient({
      url: `ws://127.0.0.1:${wss.address().port}`,
      WebSocket,
      retryDelayMs: () => 10,
    });
    trpc = createTRPCClient({ links: [wsLink({ client })] });
  });
  after(async () => {
    await client.close();
    await new Promise((resolve) => wss.close(resolve));
  });

  it("answers calls, many at a time, on the ws on trial", async () => {
    const calls = Array.from({ length: 100 }, (_, n) => trpc.hello.query(`${n}`));
    const answers = await Promise.all(calls);
    assert.equal(answers[99], "hello 99");
    assert.ok(client.connection.ws instanceof WebSocket);
    assert.ok([...wss.clients][0] instanceof WebSocket);
  });

  it("passes errors", async () => {
    await assert.rejects(trpc.fail.mutate(), ({ message, data }) => {
      return message === "not you" && data.httpStatus === 403;
    });
  });

  it("runs subscriptions to their end", async () => {
    const seen = [];
    await new Promise((resolve, reject) => {
      trpc.count.subscribe(500, {
        onData: (n) => seen.push(n),
        onComplete: resolve,
        onError: reject,
      });
    });
    assert.deepEqual(
      seen,
      Array.from({ length: 500 }, (_, n) => n + 1),
    );
  });

  it("moves to a new connection when the server asks for it", async () => {
    const [old] = wss.clients;
    const closed = once(old, "close");
    const again = once(wss, "connection");
    handler.broadcastReconnectNotification();
    await again;
    assert.equal(await trpc.hello.query("again"), "hello again");
    await closed;
  });

  it("comes back, with its subscriptions, when the connection is lost", async () => {
    const seen = [];
    const again = new Promise((resolve) => {
      trpc.count.subscribe(3, {
        onData: (n) => seen.push(n),
        onConnectionStateChange: ({ state, error }) => error && seen.push(state),
        onComplete: resolve,
      });
    });
    const [socket] = wss.clients;
    socket.terminate();
    await again;
    assert.deepEqual(seen.slice(-3), [1, 2, 3]);
    assert.equal(await trpc.hello.query("again"), "hello again");
  });
});
