// MQTT over WebSocket: the broker aedes gets every connection as a stream (`createWebSocketStream`), and the
// client mqtt makes one at its own end in the same turn in which it makes the WebSocket. Packets don't
// begin and end with messages here: it is a stream of bytes, with its backpressure.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, afterEach, before, describe, it } from "node:test";
import { Aedes } from "aedes";
import mqtt from "mqtt";
import { close, listen, wsOf } from "./support.mjs";

const WebSocket = wsOf("mqtt");
const PAYLOAD_BYTES = 5_000_000;

/** aedes takes what one `read()` returns for all there is; since Node 26 that is only the first chunk. */
function readAll(stream) {
  const { read } = stream;
  stream.read = (size) => {
    const chunks = [];
    for (let chunk = read.call(stream, size); chunk !== null; chunk = read.call(stream, size)) {
      chunks.push(chunk);
    }
    return chunks.length > 0 ? Buffer.concat(chunks) : null;
  };
  return stream;
}

describe("mqtt", { timeout: 30_000 }, () => {
  let broker;
  let http;
  let wss;
  let url;
  const clients = [];

  before(async () => {
    broker = await Aedes.createBroker();
    http = createServer();
    wss = new WebSocket.Server({ server: http, perMessageDeflate: true });
    wss.on("connection", (socket, request) => {
      const stream = readAll(WebSocket.createWebSocketStream(socket));
      stream.on("error", () => {});
      broker.handle(stream, request);
    });
    url = `ws://127.0.0.1:${await listen(http)}/mqtt`;
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.endAsync(true);
  });
  after(async () => {
    await new Promise((resolve) => broker.close(resolve));
    wss.close();
    await close(http);
  });

  async function connect(options = {}) {
    const client = mqtt.connect(url, { reconnectPeriod: 0, ...options });
    clients.push(client);
    await once(client, "connect");
    return client;
  }

  /** The next message of a client as [topic, payload, packet]. */
  const message = (client) => once(client, "message");

  it("speaks the subprotocol mqtt on the ws on trial", async () => {
    const connection = once(wss, "connection");
    await connect();
    const [socket, request] = await connection;

    assert.ok(socket instanceof WebSocket);
    assert.equal(socket.protocol, "mqtt");
    assert.equal(socket.extensions, "permessage-deflate");
    assert.equal(request.headers["sec-websocket-protocol"], "mqtt");
  });

  for (const protocolVersion of [3, 4]) {
    it(`publishes to subscribers with QoS 0 and 1, protocol version ${protocolVersion}`, async () => {
      const own = protocolVersion === 3 ? { protocolId: "MQIsdp" } : {};
      const [from, to] = await Promise.all([
        connect({ protocolVersion, ...own }),
        connect({ protocolVersion, ...own }),
      ]);
      await to.subscribeAsync({ "a/+": { qos: 1 } });
      for (const qos of [0, 1]) {
        const received = message(to);
        await from.publishAsync("a/b", `with ${qos}`, { qos });
        const [topic, payload, packet] = await received;

        assert.deepEqual([topic, String(payload), packet.qos], ["a/b", `with ${qos}`, qos]);
      }
    });
  }

  it("delivers QoS 2 once", async () => {
    const [from, to] = await Promise.all([connect(), connect()]);
    await to.subscribeAsync("once", { qos: 2 });
    const seen = [];
    to.on("message", (_topic, payload) => seen.push(String(payload)));
    for (const text of ["1", "2", "3"]) await from.publishAsync("once", text, { qos: 2 });
    await to.unsubscribeAsync("once");

    assert.deepEqual(seen, ["1", "2", "3"]);
  });

  it("gives a retained message to who subscribes later", async () => {
    const from = await connect();
    await from.publishAsync("kept", "since before", { qos: 1, retain: true });
    const to = await connect();
    const received = message(to);
    await to.subscribeAsync("kept");
    const [, payload, packet] = await received;

    assert.equal(String(payload), "since before");
    assert.equal(packet.retain, true);
  });

  it("keeps a thousand packets in order, many in a message and many messages a packet", async () => {
    const [from, to] = await Promise.all([connect(), connect()]);
    await to.subscribeAsync("n", { qos: 1 });
    const seen = [];
    const all = new Promise((resolve) => {
      to.on("message", (_topic, payload) => {
        if (seen.push(Number(String(payload))) === 1000) resolve();
      });
    });
    const published = [];
    for (let n = 0; n < 1000; n++) published.push(from.publishAsync("n", `${n}`, { qos: 1 }));
    await Promise.all([...published, all]);

    assert.deepEqual(
      seen,
      Array.from({ length: 1000 }, (_, n) => n),
    );
  });

  it("passes a payload of megabytes through both streams", async () => {
    const [from, to] = await Promise.all([connect(), connect()]);
    await to.subscribeAsync("big", { qos: 1 });
    const sent = Buffer.alloc(PAYLOAD_BYTES, "0123456789abcdefg");
    const received = message(to);
    await from.publishAsync("big", sent, { qos: 1 });

    assert.ok((await received)[1].equals(sent));
  });

  it("publishes the will of a client that is lost, and not of one that takes leave", async () => {
    const watcher = await connect();
    await watcher.subscribeAsync("will");
    const received = message(watcher);
    for (const end of ["leaves", "is lost"]) {
      const connection = once(wss, "connection");
      const client = await connect({ will: { topic: "will", payload: Buffer.from(end) } });
      const [socket] = await connection;
      const closed = once(client, "close");
      if (end === "leaves") await client.endAsync();
      else socket.terminate();
      await closed;
    }

    assert.equal(String((await received)[1]), "is lost");
  });

  it("connects again by itself, and its subscriptions are still there", async () => {
    const connection = once(wss, "connection");
    const to = await connect({ reconnectPeriod: 10 });
    await to.subscribeAsync("again", { qos: 1 });
    const [socket] = await connection;
    const connected = once(to, "connect");
    socket.terminate();
    await connected;
    const received = message(to);
    const from = await connect();
    await from.publishAsync("again", "here", { qos: 1 });

    assert.equal(String((await received)[1]), "here");
  });

  it("emits an error when the server is none", async () => {
    const client = mqtt.connect("ws://127.0.0.1:1/", { reconnectPeriod: 0 });
    clients.push(client);
    const [error] = await once(client, "error");

    assert.equal(error.code, "ECONNREFUSED");
  });
});
