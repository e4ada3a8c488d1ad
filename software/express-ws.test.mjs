// express-ws: WebSocket routes beside those of Express, behind its middlewares. It asks for ws 7; the
// override gives it the interface of 8. It makes a server on the HTTP server (`new ws.Server({ server })`)
// and sends every connection through the app as a request.

import assert from "node:assert/strict";
import { once } from "node:events";
import { afterEach, beforeEach, describe, it } from "node:test";
import express from "express";
import expressWs from "express-ws";
import { close, wsOf } from "./support.mjs";

const WebSocket = wsOf("express-ws");

describe("express-ws", { timeout: 30_000 }, () => {
  let app;
  let server;
  let getWss;
  let clients;

  /** An app and what express-ws returns for it. */
  function make(options) {
    const instance = expressWs(express(), undefined, options);
    ({ app, getWss } = instance);
    return instance;
  }

  async function start() {
    server = app.listen(0, "127.0.0.1");
    await once(server, "listening");
    return `ws://127.0.0.1:${server.address().port}`;
  }

  function connect(url, ...options) {
    const client = new WebSocket(url, ...options);
    clients.push(client);
    return client;
  }

  beforeEach(() => {
    clients = [];
  });
  afterEach(async () => {
    for (const client of clients) client.terminate();
    await close(server);
  });

  it("routes with parameters and middlewares, on the ws on trial", async () => {
    make();
    let seen;
    app.use((request, _response, next) => {
      request.testing = "seen by a middleware";
      next();
    });
    app.ws("/echo/:name", (ws, request) => {
      seen = ws;
      ws.on("message", (message) => {
        ws.send(`${request.params.name}: ${message} (${request.testing})`);
      });
    });
    const client = connect(`${await start()}/echo/ann?x=1`);
    await once(client, "open");
    client.send("hello");

    const [data] = await once(client, "message");
    assert.equal(String(data), "ann: hello (seen by a middleware)");
    assert.ok(seen instanceof WebSocket);
    assert.ok(getWss() instanceof WebSocket.Server);
  });

  it("broadcasts through getWss().clients", async () => {
    make();
    app.ws("/news", (ws) => {
      ws.on("message", (message) => {
        for (const client of getWss().clients) client.send(String(message));
      });
    });
    const url = `${await start()}/news`;
    const three = [connect(url), connect(url), connect(url)];
    await Promise.all(three.map((client) => once(client, "open")));
    assert.equal(getWss().clients.size, 3);
    const received = Promise.all(three.map((client) => once(client, "message")));
    three[1].send("to all");

    assert.deepEqual(
      (await received).map(([data]) => String(data)),
      ["to all", "to all", "to all"],
    );
  });

  it("has WebSocket routes in routers", async () => {
    const { applyTo } = make();
    const router = express.Router();
    applyTo(router);
    router.ws("/inner", (ws) => ws.send("from the router"));
    app.use("/outer", router);

    const [data] = await once(connect(`${await start()}/outer/inner`), "message");
    assert.equal(String(data), "from the router");
  });

  it("answers HTTP beside it, and closes a connection that has no route", async () => {
    make();
    app.get("/", (_request, response) => response.send("page"));
    app.ws("/", (ws) => ws.send("socket"));
    const url = await start();

    const response = await fetch(url.replace("ws:", "http:"));
    assert.equal(await response.text(), "page");
    const [data] = await once(connect(url), "message");
    assert.equal(String(data), "socket");
    const [code] = await once(connect(`${url}/nowhere`), "close");
    assert.equal(code, 1005);
  });

  it("closes when a middleware answers with an error", async () => {
    make();
    app.use((request, response, next) => {
      if (request.headers.key === "right") next();
      else response.status(401).end();
    });
    app.ws("/", (ws) => ws.send("in"));
    const url = await start();

    const [code] = await once(connect(url), "close");
    assert.equal(code, 1005);
    const [data] = await once(connect(url, { headers: { key: "right" } }), "message");
    assert.equal(String(data), "in");
  });

  it("passes wsOptions on", async () => {
    make({
      wsOptions: { perMessageDeflate: true, verifyClient: ({ req }) => req.url !== "/refused" },
    });
    app.ws("/", (ws) => ws.on("message", (data) => ws.send(data)));
    const url = await start();

    const [error] = await once(connect(`${url}/refused`), "error");
    assert.equal(error.message, "Unexpected server response: 401");
    const client = connect(url);
    await once(client, "open");
    assert.equal(client.extensions, "permessage-deflate");
    client.send("y".repeat(10_000));
    assert.equal((await once(client, "message"))[0].length, 10_000);
  });
});
