// graphql-ws: its `useServer` drives a WebSocketServer of ours. It sets `server.options.handleProtocols`
// after the server was made, keeps connections alive by pings, and closes with codes of its protocol. The
// clients are its own, over the class of ws, and a bare ws that speaks the protocol by hand.

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, afterEach, before, describe, it } from "node:test";
import { buildSchema } from "graphql";
import { createClient } from "graphql-ws";
import { useServer } from "graphql-ws/use/ws";
import { wsOf } from "./support.mjs";

const WebSocket = wsOf("graphql-ws");

const schema = buildSchema(`
  type Query { hello(name: String!): String! }
  type Subscription { count(to: Int!): Int!, forever: Int! }
`);
let ended = () => {};
const roots = {
  query: { hello: ({ name }) => `hello ${name}` },
  subscription: {
    async *count({ to }) {
      for (let n = 1; n <= to; n++) yield { count: n };
    },
    async *forever() {
      try {
        for (let n = 0; ; n++) {
          yield { forever: n };
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        ended();
      }
    },
  },
};

/** A server that speaks GraphQL, and pings its clients that often. */
async function serve(keepAliveMs) {
  const wss = new WebSocket.Server({ port: 0, host: "127.0.0.1", path: "/graphql" });
  await once(wss, "listening");
  const onConnect = ({ connectionParams }) => connectionParams?.key !== "wrong";
  const options = { schema, roots, onConnect, connectionInitWaitTimeout: 200 };
  const disposable = useServer(options, wss, keepAliveMs);
  return { wss, disposable, url: `ws://127.0.0.1:${wss.address().port}/graphql` };
}

describe("graphql-ws", { timeout: 30_000 }, () => {
  let wss;
  let url;
  let disposable;
  const clients = [];

  before(async () => {
    ({ wss, url, disposable } = await serve(0));
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.dispose();
  });
  after(() => disposable.dispose());

  function connect(options = {}) {
    const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, ...options });
    clients.push(client);
    return client;
  }

  it("answers queries and subscriptions over one connection, on the ws on trial", async () => {
    const connection = once(wss, "connection");
    const graphql = connect({ lazy: false, onNonLazyError: () => {} });
    const [socket] = await connection;
    assert.ok(socket instanceof WebSocket);
    assert.equal(socket.protocol, "graphql-transport-ws");

    const counts = [];
    for await (const result of graphql.iterate({ query: "subscription { count(to: 300) }" })) {
      counts.push(result.data.count);
    }
    assert.deepEqual(
      counts,
      Array.from({ length: 300 }, (_, n) => n + 1),
    );
    const answers = graphql.iterate({ query: '{ hello(name: "∀") }' });
    const { value } = await answers.next();
    assert.deepEqual({ ...value.data }, { hello: "hello ∀" });
    await answers.return();
    assert.equal(wss.clients.size, 1);
  });

  it("ends a subscription that the client leaves", async () => {
    const graphql = connect();
    const finished = new Promise((resolve) => {
      ended = resolve;
    });
    for await (const result of graphql.iterate({ query: "subscription { forever }" })) {
      if (result.data.forever === 10) break;
    }
    await finished;
  });

  it("ends subscriptions when the connection is lost", async () => {
    const graphql = connect();
    const finished = new Promise((resolve) => {
      ended = resolve;
    });
    const connection = once(wss, "connection");
    const results = graphql.iterate({ query: "subscription { forever }" });
    await results.next();
    const [socket] = await connection;
    socket.terminate();

    await finished;
    await assert.rejects(async () => {
      for await (const _result of results);
    });
  });

  it("refuses with the protocol's close codes, as seen by a bare ws", async () => {
    const closed = async (protocol, ...messages) => {
      const socket = new WebSocket(url, protocol);
      socket.on("open", () => {
        for (const message of messages) socket.send(message);
      });
      const [code, reason] = await once(socket, "close");
      return [code, String(reason)];
    };
    const init = JSON.stringify({ type: "connection_init" });
    const protocol = "graphql-transport-ws";

    assert.deepEqual(await closed(protocol), [4408, "Connection initialisation timeout"]);
    assert.deepEqual(await closed(protocol, init, init), [
      4429,
      "Too many initialisation requests",
    ]);
    assert.deepEqual(
      await closed(
        protocol,
        JSON.stringify({ type: "connection_init", payload: { key: "wrong" } }),
      ),
      [4403, "Forbidden"],
    );
    assert.equal((await closed(protocol, "no JSON"))[0], 4400);
    const subscribe = { id: "1", type: "subscribe", payload: { query: "{ hello }" } };
    assert.deepEqual(await closed(protocol, JSON.stringify(subscribe)), [4401, "Unauthorized"]);
  });

  it("accepts the one subprotocol that it speaks", async () => {
    const offered = new WebSocket(url, ["other", "graphql-transport-ws"]);
    await once(offered, "open");
    assert.equal(offered.protocol, "graphql-transport-ws");
    offered.close();
    await once(offered, "close");

    const other = new WebSocket(url, ["other"]);
    const [error] = await once(other, "error");
    assert.equal(error.message, "Server sent no subprotocol");
  });
});

describe("graphql-ws with keepAlive", { timeout: 30_000 }, () => {
  let url;
  let disposable;

  before(async () => {
    ({ url, disposable } = await serve(250));
  });
  after(() => disposable.dispose());

  it("pings, and stays with a client that answers", async () => {
    const socket = new WebSocket(url, "graphql-transport-ws");
    await once(socket, "open");
    socket.send(JSON.stringify({ type: "connection_init" }));
    await once(socket, "ping");
    await once(socket, "ping");
    await once(socket, "ping");
    assert.equal(socket.readyState, WebSocket.OPEN);
    socket.close();
    await once(socket, "close");
  });

  it("terminates a client that answers no ping", async () => {
    const socket = new WebSocket(url, "graphql-transport-ws", { autoPong: false });
    await once(socket, "open");
    socket.send(JSON.stringify({ type: "connection_init" }));
    const [code] = await once(socket, "close");
    assert.equal(code, 1006);
  });
});
