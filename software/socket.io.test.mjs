// Socket.IO, both ends. Its engine makes the server through the option wsEngine and hands it every upgrade;
// its client uses ws for the transport "websocket". For broadcasts its adapter frames a message once
// (`WebSocket.Sender.frame`) and the engine writes those bytes past `send` (`ws._sender.sendFrame`).

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { Server } from "socket.io";
import { io as connect } from "socket.io-client";
import { collect, listen, wsOf } from "./support.mjs";

const WebSocket = wsOf("engine.io");

/** A server, its clients, and an end of both. */
class Stage {
  clients = [];

  async open(options = {}) {
    this.http = createServer();
    this.io = new Server(this.http, { wsEngine: WebSocket.Server, ...options });
    this.port = await listen(this.http);
  }

  /** A client, not connected yet: connecting begins in the next turn. */
  client(options = {}) {
    const socket = connect(`http://127.0.0.1:${this.port}`, {
      transports: ["websocket"],
      reconnection: false,
      forceNew: true,
      ...options,
    });
    this.clients.push(socket);
    return socket;
  }

  /** A connected client and its counterpart on the server. */
  async pair(options = {}) {
    const here = this.client(options);
    await once(here, "connect");
    return [here, this.io.of("/").sockets.get(here.id)];
  }

  async close() {
    for (const client of this.clients) client.disconnect();
    await this.io.close();
  }
}

describe("Socket.IO over the transport websocket", { timeout: 30_000 }, () => {
  const stage = new Stage();
  before(() => stage.open());
  after(() => stage.close());

  it("runs on the ws on trial at both ends", async () => {
    const [here, there] = await stage.pair();

    assert.equal(wsOf("engine.io-client"), WebSocket);
    assert.equal(wsOf("socket.io-adapter"), WebSocket);
    assert.ok(stage.io.engine.ws instanceof WebSocket.Server);
    assert.ok(there.conn.transport.socket instanceof WebSocket);
    assert.ok(here.io.engine.transport.ws instanceof WebSocket);
    assert.equal(here.io.engine.transport.name, "websocket");
    assert.equal(there.conn.remoteAddress, "127.0.0.1");
  });

  it("passes events with their acknowledgements both ways", async () => {
    const [here, there] = await stage.pair();
    there.on("sum", (a, b, answer) => answer(a + b));
    here.on("twice", (text, answer) => answer(text + text));

    assert.equal(await here.emitWithAck("sum", 2, 3), 5);
    assert.equal(await there.emitWithAck("twice", "ab€"), "ab€ab€");
    await assert.rejects(here.timeout(50).emitWithAck("nobody listens"), /timed out/);
  });

  it("keeps the order of a thousand events", async () => {
    const [here, there] = await stage.pair();
    const arrived = collect(there, "n", 1000);
    for (let n = 0; n < 1000; n++) here.emit("n", n);

    assert.deepEqual(
      await arrived,
      Array.from({ length: 1000 }, (_, n) => n),
    );
  });

  it("passes binary data inside of objects, empty and large", async () => {
    const [here, there] = await stage.pair();
    there.on("echo", (value, answer) => answer(value));
    const large = Buffer.alloc(700_000, "0123456789");
    const sent = { a: [Buffer.from([1, 2, 255]), { b: large }], none: Buffer.alloc(0), text: "t" };
    const came = await here.emitWithAck("echo", sent);

    assert.deepEqual(came, sent);
    assert.ok(Buffer.isBuffer(came.a[1].b));
  });

  it("broadcasts to rooms, with exceptions, framed once", async () => {
    const pairs = await Promise.all([stage.pair(), stage.pair(), stage.pair()]);
    const [a, b, c] = pairs.map(([here]) => here);
    const [, [, thereB], [, thereC]] = pairs;
    await Promise.all([thereB.join("room"), thereC.join("room")]);
    const heard = { a: [], b: [], c: [] };
    for (const [name, socket] of Object.entries({ a, b, c })) {
      socket.on("news", (text) => heard[name].push(text));
    }
    const done = [a, b, c].map((socket) => once(socket, "done"));
    stage.io.to("room").emit("news", "to the room ✓");
    stage.io.except("room").emit("news", "to the others");
    thereB.broadcast.to("room").emit("news", "from b");
    stage.io.emit("done", "x".repeat(70_000));
    const [[last]] = await Promise.all(done);

    assert.equal(last.length, 70_000);
    assert.deepEqual(heard, {
      a: ["to the others"],
      b: ["to the room ✓"],
      c: ["to the room ✓", "from b"],
    });
  });

  it("collects the acknowledgements of a broadcast", async () => {
    const [[a, thereA], [b, thereB]] = await Promise.all([stage.pair(), stage.pair()]);
    await Promise.all([thereA.join("asked"), thereB.join("asked")]);
    a.on("who", (answer) => answer("a"));
    b.on("who", (answer) => answer("b"));

    const answers = await stage.io.to("asked").timeout(5000).emitWithAck("who");
    assert.deepEqual(answers.toSorted(), ["a", "b"]);
  });

  it("sends volatile events while the transport is writable, and drops them while it is not", async () => {
    const [here, there] = await stage.pair();
    const first = once(here, "first");
    there.volatile.emit("first", 1);
    assert.deepEqual(await first, [1]);

    const dropped = [];
    here.on("v", (n) => dropped.push(n));
    const end = once(here, "end");
    there.emit("big", Buffer.alloc(100_000));
    there.volatile.emit("v", 1);
    there.emit("end");
    await end;
    assert.deepEqual(dropped, []);
  });

  it("has namespaces and middlewares on one connection", async () => {
    stage.io.of("/admin").use((socket, next) => {
      next(socket.handshake.auth.key === "right" ? undefined : new Error("wrong key"));
    });
    const [here] = await stage.pair();
    const admin = here.io.socket("/admin", { auth: { key: "wrong" } });
    const [error] = await once(admin, "connect_error");
    assert.equal(error.message, "wrong key");

    admin.auth = { key: "right" };
    admin.connect();
    await once(admin, "connect");
    assert.equal(admin.io.engine, here.io.engine);
  });

  it("says why it disconnected, at both ends", async () => {
    const ends = {
      "client namespace disconnect": [(here) => here.disconnect(), "io client disconnect"],
      "server namespace disconnect": [(_here, there) => there.disconnect(), "io server disconnect"],
      "transport close": [(here) => here.io.engine.transport.ws.terminate(), "transport close"],
      "forced server close": [
        (_here, there) => there.conn.transport.socket.close(1012),
        "transport close",
      ],
    };
    for (const [reason, [end, reasonHere]] of Object.entries(ends)) {
      const [here, there] = await stage.pair();
      const both = Promise.all([once(here, "disconnect"), once(there, "disconnect")]);
      end(here, there);
      const [[saidHere], [saidThere]] = await both;

      assert.equal(saidHere, reasonHere, reason);
      if (reason !== "forced server close") assert.equal(saidThere, reason);
    }
  });

  it("comes back by itself after the transport is lost", async () => {
    const [here, there] = await stage.pair({ reconnection: true, reconnectionDelay: 10 });
    const again = once(stage.io, "connection");
    const connected = once(here, "disconnect").then(() => once(here, "connect"));
    there.conn.transport.socket.terminate();
    await Promise.all([again, connected]);

    assert.equal(here.connected, true);
  });
});

describe("Socket.IO from polling to websocket", { timeout: 30_000 }, () => {
  const stage = new Stage();
  before(() => stage.open());
  after(() => stage.close());

  it("upgrades without losing or turning round what is sent meanwhile", async () => {
    const connection = once(stage.io, "connection");
    const here = stage.client({ transports: ["polling", "websocket"] });
    const upgraded = new Promise((resolve) => {
      here.io.once("open", () => here.io.engine.once("upgrade", resolve));
    });
    const [there] = await connection;
    const arrivedThere = collect(there, "n", 500);
    const arrivedHere = collect(here, "n", 500);
    const emit = (n) => [here, there].forEach((socket) => socket.emit("n", n));
    for (let n = 0; n < 250; n++) emit(n);
    await upgraded;
    for (let n = 250; n < 500; n++) emit(n);

    const numbers = Array.from({ length: 500 }, (_, n) => n);
    assert.deepEqual(await arrivedThere, numbers);
    assert.deepEqual(await arrivedHere, numbers);
    assert.equal(here.io.engine.transport.name, "websocket");
    assert.ok(here.io.engine.transport.ws instanceof WebSocket);
  });
});

describe("Socket.IO with options of ws", { timeout: 30_000 }, () => {
  let stage;
  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => stage.close());

  it("compresses when perMessageDeflate is on at both ends", async () => {
    await stage.open({ perMessageDeflate: { threshold: 0 } });
    const [here, there] = await stage.pair({ perMessageDeflate: { threshold: 0 } });
    there.on("echo", (value, answer) => answer(value));
    const socket = there.conn.transport.socket;
    assert.equal(socket.extensions, "permessage-deflate");

    const rows = Array.from({ length: 5000 }, (_, id) => ({ id, text: `row ${id}` }));
    const bytesBefore = socket._socket.bytesRead;
    assert.deepEqual(await here.emitWithAck("echo", rows), rows);
    assert.ok(socket._socket.bytesRead - bytesBefore < JSON.stringify(rows).length / 3);

    const received = once(here, "all");
    stage.io.emit("all", rows);
    assert.deepEqual(await received, [rows]);
    there.compress(false).emit("all", rows);
    assert.deepEqual(await once(here, "all"), [rows]);
  });

  it("ends the connection of a client whose message passes maxHttpBufferSize", async () => {
    await stage.open({ maxHttpBufferSize: 1000 });
    const [here, there] = await stage.pair();
    const both = Promise.all([once(here, "disconnect"), once(there, "disconnect")]);
    here.emit("too much", "x".repeat(2000));
    const [[saidHere, details], [saidThere]] = await both;

    assert.equal(saidHere, "transport close");
    assert.equal(saidThere, "transport error");
    assert.equal(details.context.code, 1009);
  });

  it("refuses by allowRequest, and the client learns the status", async () => {
    await stage.open({ allowRequest: (_req, decide) => decide("not you", false) });
    const here = stage.client();
    const [error] = await once(here, "connect_error");

    assert.equal(error.type, "TransportError");
    assert.match(error.description.message, /Unexpected server response: 400/);
  });

  it("adds the headers of the engine to the 101", async () => {
    await stage.open();
    stage.io.engine.on("initial_headers", (headers) => {
      headers["set-cookie"] = "where=here";
    });
    stage.io.engine.on("headers", (headers) => {
      headers["x-every"] = "one";
    });
    const raw = new WebSocket(`ws://127.0.0.1:${stage.port}/socket.io/?EIO=4&transport=websocket`);
    const [response] = await once(raw, "upgrade");
    raw.on("error", () => {});
    raw.terminate();
    await once(raw, "close");

    assert.equal(response.statusCode, 101);
    assert.equal(response.headers["x-every"], "one");
    assert.deepEqual(response.headers["set-cookie"], ["where=here"]);
  });

  it("finds a client dead that answers no ping", async () => {
    await stage.open({ pingInterval: 50, pingTimeout: 50 });
    const [here, there] = await stage.pair();
    const both = Promise.all([once(here, "disconnect"), once(there, "disconnect")]);
    const socket = here.io.engine.transport.ws;
    socket.pause();
    const [[saidHere], [saidThere]] = await both;
    socket.resume();

    assert.equal(saidHere, "ping timeout");
    assert.equal(saidThere, "ping timeout");
  });
});
