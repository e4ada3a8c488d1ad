// reconnecting-websocket: a client for browsers that takes any class with the interface of a WebSocket; here
// the class of ws. It sets `binaryType`, adds and removes listeners of the four events, and closes by code.

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, afterEach, before, describe, it } from "node:test";
import Reconnecting from "reconnecting-websocket";
import { wsOf } from "./support.mjs";

const WebSocket = wsOf("ws");

describe("reconnecting-websocket", { timeout: 30_000 }, () => {
  let wss;
  let url;
  let client;

  before(async () => {
    wss = new WebSocket.Server({ port: 0, host: "127.0.0.1" });
    await once(wss, "listening");
    url = `ws://127.0.0.1:${wss.address().port}`;
  });
  afterEach(() => client.close());
  after(() => new Promise((resolve) => wss.close(resolve)));

  const make = (options) =>
    new Reconnecting(url, ["chat"], { WebSocket, minReconnectionDelay: 1, ...options });
  const next = (type) =>
    new Promise((resolve) => client.addEventListener(type, resolve, { once: true }));

  it("sends what was said before it was open, and receives in the type it asks for", async () => {
    wss.once("connection", (socket) => {
      socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
    client = make();
    client.binaryType = "arraybuffer";
    client.send("early");
    const first = await new Promise((resolve) => {
      client.onmessage = resolve;
    });
    assert.equal(first.data, "early");
    assert.equal(client.protocol, "chat");

    client.send(new Uint8Array([1, 2, 3]));
    const { data } = await new Promise((resolve) => {
      client.onmessage = resolve;
    });
    assert.ok(data instanceof ArrayBuffer);
    assert.deepEqual(new Uint8Array(data), new Uint8Array([1, 2, 3]));
  });

  it("connects again each time that it is lost, until it is closed", async () => {
    let connection = once(wss, "connection");
    client = make();
    for (let n = 0; n < 3; n++) {
      const [socket] = await connection;
      connection = once(wss, "connection");
      if (n === 2) break;
      socket.terminate();
    }
    await next("open");
    const closed = new Promise((resolve) => {
      client.onclose = resolve;
    });
    client.close(4000, "enough");
    const { code, reason } = await closed;
    assert.deepEqual([code, reason], [4000, "enough"]);
    assert.equal(client.readyState, WebSocket.CLOSED);
  });

  it("emits an error event for every attempt that fails", async () => {
    client = new Reconnecting("ws://127.0.0.1:1/", [], {
      WebSocket,
      minReconnectionDelay: 1,
      maxRetries: 2,
    });
    const messages = [];
    await new Promise((resolve) => {
      client.onerror = ({ message }) => messages.push(message) === 3 && resolve();
    });
    for (const message of messages) assert.match(message, /ECONNREFUSED/);
  });
});
