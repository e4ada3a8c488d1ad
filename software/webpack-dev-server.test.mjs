// webpack-dev-server: its WebSocket server is ws in "noServer" mode with a `path`, without tracking of
// clients; it asks `shouldHandle` itself, and terminates a client that has not answered a ping for a second.
// What a page's client would get is read here by a bare ws.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import webpack from "webpack";
import WebpackDevServer from "webpack-dev-server";
import { wsOf } from "./support.mjs";

const WebSocket = wsOf("webpack-dev-server");

describe("webpack-dev-server", { timeout: 60_000 }, () => {
  let folder;
  let server;
  let url;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "hawser-webpack-"));
    writeFileSync(join(folder, "main.js"), "module.exports = 1;");
    const compiler = webpack({
      mode: "development",
      context: folder,
      entry: "./main.js",
      devtool: false,
      stats: "none",
      infrastructureLogging: { level: "none" },
    });
    const options = { host: "127.0.0.1", port: "auto", static: false, open: false };
    server = new WebpackDevServer(options, compiler);
    await server.start();
    url = `ws://127.0.0.1:${server.server.address().port}/ws`;
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Connects like a page, and returns the client with what it gets, up to a message of that type. */
  function connect(options) {
    const client = new WebSocket(url, { origin: url.replace("ws:", "http:"), ...options });
    const messages = [];
    client.on("message", (data) => messages.push(JSON.parse(data)));
    const until = async (type) => {
      while (!messages.some((message) => message.type === type)) await once(client, "message");
      return messages.splice(0);
    };
    return { client, until };
  }

  const closed = (client) => once(client, "close");

  it("tells its clients of every build, on the ws on trial", async () => {
    assert.ok(server.webSocketServer.implementation instanceof WebSocket.Server);
    const { client, until } = connect();
    const types = (await until("ok")).map(({ type }) => type);
    assert.ok(types.includes("hot") && types.includes("hash"));
    assert.ok(server.webSocketServer.clients[0] instanceof WebSocket);

    writeFileSync(join(folder, "main.js"), "module.exports = ;");
    const errors = (await until("errors")).find(({ type }) => type === "errors");
    assert.match(JSON.stringify(errors.data), /Module parse failed/);
    writeFileSync(join(folder, "main.js"), "module.exports = 2;");
    await until("ok");
    client.close();
    await closed(client);
  });

  it("keeps a client that answers its pings, and terminates one that does not", async () => {
    const alive = connect();
    const dead = connect({ autoPong: false });
    const [code] = await closed(dead.client);
    assert.equal(code, 1006);
    assert.equal(alive.client.readyState, WebSocket.OPEN);
    alive.client.terminate();
    await closed(alive.client);
  });

  it("sends a foreign page away", async () => {
    const { client, until } = connect({ origin: "http://elsewhere.example" });
    const [{ data }] = await until("error");
    assert.equal(data, "Invalid Host/Origin header");
    await closed(client);
  });
});
