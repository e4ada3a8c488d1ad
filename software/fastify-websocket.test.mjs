// @fastify/websocket: every upgrade of the HTTP server goes through Fastify's routing and hooks, and then to
// ws in "noServer" mode. Its `injectWS` needs no network: it makes a client without an address,
// `new WebSocket(null, undefined, { isServer: false })`, gives it one end of a stream by `setSocket`, and
// hands the other end to `handleUpgrade` with a request that is a plain object.

import assert from "node:assert/strict";
import { once } from "node:events";
import { afterEach, beforeEach, describe, it } from "node:test";
import websocket from "@fastify/websocket";
import fastify from "fastify";
import { wsOf } from "./support.mjs";

const WebSocket = wsOf("@fastify/websocket");

describe("@fastify/websocket", { timeout: 30_000 }, () => {
  let app;
  let clients;

  beforeEach(() => {
    app = fastify();
    clients = [];
  });
  afterEach(async () => {
    for (const client of clients) client.terminate();
    await app.close();
  });

  /** Starts the app with the plugin and what `routes` adds, and returns its address. */
  async function start(routes, options = {}) {
    await app.register(websocket, options);
    await app.register(async (scope) => routes(scope));
    await app.listen({ port: 0, host: "127.0.0.1" });
    return `ws://127.0.0.1:${app.server.address().port}`;
  }

  function connect(url, ...options) {
    const client = new WebSocket(url, ...options);
    clients.push(client);
    return client;
  }

  it("routes a connection with its parameters to a handler, on the ws on trial", async () => {
    let seen;
    const url = await start((scope) => {
      scope.get("/rooms/:room", { websocket: true }, (socket, request) => {
        seen = { socket, isWs: request.ws };
        socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
        socket.send(`${request.params.room} ${request.query.as}`);
      });
    });
    const client = connect(`${url}/rooms/blue?as=ann`);
    assert.equal(String((await once(client, "message"))[0]), "blue ann");
    assert.ok(seen.socket instanceof WebSocket);
    assert.ok(app.websocketServer instanceof WebSocket.Server);
    assert.equal(seen.isWs, true);

    client.send("text");
    const [text, textIsBinary] = await once(client, "message");
    client.send(Buffer.from([0, 255]));
    const [bytes, bytesAreBinary] = await once(client, "message");
    assert.deepEqual([String(text), textIsBinary], ["text", false]);
    assert.deepEqual([bytes, bytesAreBinary], [Buffer.from([0, 255]), true]);
    assert.equal(app.websocketServer.clients.size, 1);
  });

  it("answers plain HTTP on the same route", async () => {
    await start((scope) => {
      scope.route({
        method: "GET",
        url: "/both",
        handler: (_request, reply) => reply.send("http"),
        wsHandler: (socket) => socket.send("ws"),
      });
    });
    const { port } = app.server.address();
    const response = await fetch(`http://127.0.0.1:${port}/both`);
    assert.equal(await response.text(), "http");
    const [data] = await once(connect(`ws://127.0.0.1:${port}/both`), "message");
    assert.equal(String(data), "ws");
  });

  it("runs the hooks before the upgrade, and they can refuse it", async () => {
    const url = await start((scope) => {
      scope.addHook("preValidation", async (request, reply) => {
        if (request.headers.key !== "right") await reply.code(401).send("no");
      });
      scope.get("/", { websocket: true }, (socket) => socket.send("in"));
    });
    const refused = connect(url);
    const [error] = await once(refused, "error");
    assert.equal(error.message, "Unexpected server response: 401");

    const [data] = await once(connect(url, { headers: { key: "right" } }), "message");
    assert.equal(String(data), "in");
  });

  it("closes a connection to a route without a handler", async () => {
    const url = await start((scope) => {
      scope.get("/plain", (_request, reply) => reply.send("http"));
    });
    const [code] = await once(connect(`${url}/plain`), "close");
    assert.equal(code, 1005);
  });

  it("gives what a handler throws or rejects with to the error handler", async () => {
    const errors = [];
    const url = await start(
      (scope) => {
        scope.get("/throws", { websocket: true }, () => {
          throw new Error("thrown");
        });
        scope.get("/rejects", { websocket: true }, async () => {
          throw new Error("rejected");
        });
      },
      {
        errorHandler(error, socket) {
          errors.push(error.message);
          socket.close(4000, error.message);
        },
      },
    );
    for (const path of ["throws", "rejects"]) {
      const [code, reason] = await once(connect(`${url}/${path}`), "close");
      assert.equal(code, 4000);
      assert.equal(String(reason), errors.at(-1));
    }
    assert.deepEqual(errors, ["thrown", "rejected"]);
  });

  it("gives what a client breaks to the error handler", async () => {
    let caught;
    const broken = new Promise((resolve) => {
      caught = resolve;
    });
    const url = await start((scope) => scope.get("/", { websocket: true }, () => {}), {
      options: { maxPayload: 10 },
      errorHandler(error, socket) {
        caught(error);
        socket.terminate();
      },
    });
    const client = connect(url);
    await once(client, "open");
    client.send("more than ten");
    const error = await broken;
    assert.equal(error.code, "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH");
    assert.equal(error.message, "Max payload size exceeded");
  });

  it("passes options on: a check of clients, subprotocols, compression", async () => {
    const url = await start(
      (scope) => scope.get("/", { websocket: true }, (socket) => socket.send("x".repeat(5000))),
      {
        options: {
          perMessageDeflate: true,
          handleProtocols: (protocols) => [...protocols].at(-1),
          verifyClient: ({ req }, decide) => decide(req.headers.key === "right", 403),
        },
      },
    );
    const [error] = await once(connect(url), "error");
    assert.equal(error.message, "Unexpected server response: 403");

    const client = connect(url, ["a", "b"], { headers: { key: "right" } });
    const [data] = await once(client, "message");
    assert.equal(data.length, 5000);
    assert.equal(client.protocol, "b");
    assert.equal(client.extensions, "permessage-deflate");
  });

  it("closes its clients when it closes", async () => {
    const url = await start((scope) => scope.get("/", { websocket: true }, () => {}));
    const client = connect(url);
    await once(client, "open");
    const closed = once(client, "close");
    await app.close();
    assert.equal((await closed)[0], 1005);
  });

  it("is a stream through createWebSocketStream", async () => {
    const url = await start((scope) => {
      scope.get("/", { websocket: true }, (socket) => {
        const stream = WebSocket.createWebSocketStream(socket, { encoding: "utf8" });
        stream.on("data", (text) => stream.write(text.toUpperCase()));
        stream.on("end", () => stream.end());
      });
    });
    const stream = WebSocket.createWebSocketStream(connect(url), { encoding: "utf8" });
    stream.write("quiet");
    assert.equal((await once(stream, "data"))[0], "QUIET");
    stream.end();
    await once(stream, "close");
  });

  it("injects a connection without a network", async () => {
    await app.register(websocket);
    await app.register(async (scope) => {
      scope.addHook("preValidation", async (request, reply) => {
        if (request.headers.key !== "right") await reply.code(401).send("no");
      });
      scope.get("/inject", { websocket: true }, (socket) => {
        socket.on("message", (data) => socket.send(`hi ${data}`));
      });
    });
    await app.ready();
    await assert.rejects(app.injectWS("/inject"), /Unexpected server response: 401/);

    const phases = [];
    const client = await app.injectWS(
      "/inject",
      { headers: { key: "right" } },
      { onInit: () => phases.push("init"), onOpen: () => phases.push("open") },
    );
    assert.ok(client instanceof WebSocket);
    assert.deepEqual(phases, ["init", "open"]);
    const message = once(client, "message");
    client.send("you");
    assert.equal(String((await message)[0]), "hi you");

    const large = once(client, "message");
    client.send("x".repeat(200_000));
    assert.equal((await large)[0].length, 200_003);
    const closed = once(client, "close");
    client.terminate();
    await closed;
  });
});
