import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, it } from "node:test";
import {
  type Connection,
  connect,
  Server,
  serve,
  TransportError,
  UsageError,
} from "../../dist/index.js";
import { deferred, turn } from "../support/deferred.ts";
import { closeFrame, frame, opcodes } from "../support/frame.ts";
import { requestText } from "../support/http-head.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { rejectionOf } from "../support/rejection.ts";
import { Stage } from "../support/stage.ts";

const stage = new Stage();
const { log } = stage;
afterEach(() => stage.end());

const isUsage = (code: string) => (error: unknown) =>
  error instanceof UsageError && error.code === code;

describe("Server: options", () => {
  for (const options of [
    { maxMessageBytes: 0 },
    { handshakeTimeoutMs: 0 },
    { handshakeTimeoutMs: 2 ** 31 },
    { maxHeaderBytes: 0.5 },
    { maxHeaders: -1 },
    { maxUrlBytes: Number.NaN },
    { overflow: "other" as "close" },
    { message: "none" as never },
    { upgrade: 5 as never },
    { fetch: {} as never },
  ]) {
    it(`throws for ${JSON.stringify(options)}`, () => {
      assert.throws(() => new Server(options), isUsage("HAWSER_OPTION_INVALID"));
    });
  }

  it("throws when messages would go to a handler and to a function", () => {
    const options = { message: () => undefined };
    assert.throws(() => new Server(options, () => undefined), isUsage("HAWSER_OPTION_INVALID"));
  });

  it("serve() rejects for options that can't be", async () => {
    await rejectionOf(serve({ maxFragments: 0 }), "HAWSER_OPTION_INVALID");
  });
});

describe("Server: listening", () => {
  it("url and address() say where, from listen to close", async () => {
    const server = stage.keep(new Server());
    assert.deepEqual([server.url, server.address()], ["", null]);
    await server.listen();
    const { port } = server.address() as AddressInfo;
    assert.equal(server.url, `ws://localhost:${port}`);
    await server.close();
    assert.deepEqual([server.url, server.address()], ["", null]);
  });

  for (const [hostname, host] of [
    ["127.0.0.1", "127.0.0.1"],
    ["localhost", "localhost"],
    ["0.0.0.0", "localhost"],
    ["::1", "[::1]"],
    ["::", "localhost"],
  ] as const) {
    it(`on ${hostname} the url's host is ${host}`, async () => {
      const server = await stage.serve({ hostname });
      assert.equal(new URL(server.url).host, `${host}:${(server.address() as AddressInfo).port}`);
      const ws = await stage.connect(server);
      assert.equal(ws.state, "open");
    });
  }

  it("twice: a UsageError", async () => {
    const server = await stage.serve();
    await rejectionOf(server.listen(), "HAWSER_LISTENING");
  });

  it("after close(): a UsageError", async () => {
    const server = new Server();
    await server.close();
    await rejectionOf(server.listen(), "HAWSER_LISTENING");
  });

  it("on a port that is taken: a TransportError that says which, and then on another", async () => {
    const first = await stage.serve();
    const { port } = first.address() as AddressInfo;
    const second = stage.keep(new Server());
    const error = await rejectionOf(
      second.listen({ port, hostname: "127.0.0.1" }),
      "HAWSER_ADDRESS_IN_USE",
    );
    assert.ok(error instanceof TransportError);
    assert.match(error.message, new RegExp(`port ${port} is in use`));
    assert.equal((error.cause as NodeJS.ErrnoException).code, "EADDRINUSE");
    await second.listen({ hostname: "127.0.0.1" });
    assert.equal((await stage.connect(second)).state, "open");
  });

  it("where that is impossible: a TransportError", async () => {
    const bad = { hostname: "192.0.2.1", port: 0 };
    const error = await rejectionOf(new Server().listen(bad), "HAWSER_LISTEN");
    assert.ok(error instanceof TransportError);
    await rejectionOf(new Server().listen({ port: 70_000 }), "HAWSER_LISTEN");
    await rejectionOf(new Server().listen({ unix: "/no/such/folder/socket" }), "HAWSER_LISTEN");
  });
});

describe("Server: its connections", () => {
  it("lists the open ones and counts them all", async () => {
    const server = await stage.serve({ message: (ws, message) => void ws.send(message) });
    const peers = [await stage.open(server), await stage.open(server)];
    assert.deepEqual(
      Array.from(server.connections, ({ state }) => state),
      ["open", "open"],
    );
    for (const peer of peers) peer.send("Hello");
    for (const peer of peers) assert.equal(await peer.readText(), "Hello");
    const refused = await stage.dial(server);
    refused.write(requestText({ Host: undefined }));
    await refused.readResponse();
    const closing = ([...server.connections][0] as Connection).closed;
    peers[0]?.write(closeFrame(1000));
    peers[0]?.socket.end();
    await closing;
    assert.deepEqual(server.stats(), {
      connections: 1,
      refused: 1,
      topics: 0,
      opened: 2,
      closed: 1,
      messagesReceived: 2,
      messagesSent: 2,
      // A masked "Hello" is 11 bytes, one that is not 7, a Close frame with a code 8 and 4.
      bytesReceived: 2 * 11 + 8,
      bytesSent: 2 * 7 + 4,
      messagesDropped: 0,
    });
  });

  it("publishes to the subscribers of a topic", async () => {
    const server = await stage.serve({ open: (ws, { url }) => ws.subscribe(url) });
    const peers = [await stage.open(server), await stage.open(server)];
    assert.equal(server.subscribers("/"), 2);
    assert.equal(server.stats().topics, 1);
    assert.equal(server.publish("/", "news"), 2);
    assert.equal(server.publish("/", new Uint8Array([1, 2])), 2);
    assert.equal(server.publish("/other", "nobody"), 0);
    for (const peer of peers) {
      assert.equal(await peer.readText(), "news");
      assert.deepEqual((await peer.readFrame()).payload, Buffer.from([1, 2]));
    }
    assert.throws(() => server.publish("/", 5 as never), isUsage("HAWSER_MESSAGE_TYPE"));
  });
});

describe("Server: a function for each connection", () => {
  it("gets the messages; 1000 when it returns", async () => {
    const server = await stage.serve({}, async (ws, request) => {
      ws.send(request.url);
      for await (const message of ws) {
        if (message === "enough") return;
        ws.send(message);
      }
    });
    const peer = await stage.open(server);
    assert.equal(await peer.readText(), "/");
    peer.send("one");
    assert.equal(await peer.readText(), "one");
    peer.send("enough");
    peer.send("behind");
    assert.equal((await peer.readClose()).code, 1000);
  });

  it("that returns at once, or is not even async: 1000", async () => {
    const server = await stage.serve({}, () => undefined);
    const peer = await stage.open(server);
    assert.equal((await peer.readClose()).code, 1000);
  });

  for (const [title, run] of [
    ["throws", () => assert.fail("at once")],
    ["rejects", () => Promise.reject(new Error("later"))],
  ] as const) {
    it(`that ${title}: 1011, and the error hook is told`, async () => {
      const server = await stage.serve({ error: (error) => log.add("error", error) }, run);
      const peer = await stage.open(server);
      assert.equal((await peer.readClose()).code, 1011);
      assert.equal(log.count("error"), 1);
    });
  }

  it("that loses its peer: no error of the function", async () => {
    const server = await stage.serve(
      {
        error: (error) => log.add("error", error),
        close: (_ws, code) => log.add("close", code),
      },
      async (ws) => {
        for await (const message of ws) ws.send(message);
      },
    );
    const peer = await stage.open(server);
    peer.socket.end();
    assert.deepEqual(await log.waitFor("close"), [1006]);
    assert.equal(log.count("error"), 0);
  });

  it("has the peer's close seen and its loop ended", async () => {
    const ended = deferred();
    const server = await stage.serve({}, async (ws) => {
      for await (const message of ws) ws.send(message);
      ended.resolve();
    });
    const peer = await stage.open(server);
    peer.write(closeFrame(1000));
    await peer.finish();
    await ended.promise;
  });
});

describe("Server: attached", () => {
  it("handleUpgrade takes single requests of any HTTP server", async () => {
    const server = stage.keep(new Server({ message: (ws, message) => void ws.send(message) }));
    const http = createServer((_request, response) => response.end("plain"));
    http.on("upgrade", (request, socket, head) => server.handleUpgrade(request, socket, head));
    await new Promise<void>((resolve) => {
      http.listen(0, "127.0.0.1", resolve);
    });
    const where = { port: (http.address() as AddressInfo).port, host: "127.0.0.1" };
    const peer = await RawPeer.open(where);
    peer.write(frame(opcodes.text, "Hello"));
    assert.equal(await peer.readText(), "Hello");
    assert.equal(await (await fetch(`http://127.0.0.1:${where.port}/`)).text(), "plain");

    await server.close({ timeoutMs: 100 });
    assert.equal(http.listening, true, "the HTTP server is not ours to close");
    const late = await RawPeer.connect(where);
    late.write(requestText());
    assert.equal((await late.readResponse()).status, 503);
    http.closeAllConnections();
    http.close();
    peer.destroy();
    late.destroy();
  });

  it("handleUpgrade may be called later: frames that came meanwhile are delivered, in order", async () => {
    const server = stage.keep(new Server({ message: (ws, message) => void ws.send(message) }));
    const http = createServer();
    const called = deferred<() => void>();
    http.on("upgrade", (request, socket, head) =>
      called.resolve(() => {
        assert.ok(socket.readableLength > 0, "a frame waits in the stream");
        server.handleUpgrade(request, socket, head);
      }),
    );
    await new Promise<void>((resolve) => {
      http.listen(0, "127.0.0.1", resolve);
    });
    const where = { port: (http.address() as AddressInfo).port, host: "127.0.0.1" };
    const peer = await RawPeer.connect(where);
    peer.write(requestText());
    const upgrade = await called.promise;
    const early = frame(opcodes.text, "early");
    peer.write(Buffer.concat([early, early.subarray(0, 5)]));
    for (let i = 0; i < 20; i++) await turn();
    upgrade();
    peer.write(early.subarray(5));
    assert.equal((await peer.readResponse()).status, 101);
    assert.equal(await peer.readText(), "early");
    assert.equal(await peer.readText(), "early");
    http.closeAllConnections();
    http.close();
    peer.destroy();
  });

  it("attach() listens until close()", async () => {
    const server = stage.keep(new Server());
    const http = createServer();
    server.attach(http);
    const detach = server.attach(http, { path: "/other" });
    assert.equal(http.listenerCount("upgrade"), 2);
    detach();
    detach();
    assert.equal(http.listenerCount("upgrade"), 1);
    await server.close();
    assert.equal(http.listenerCount("upgrade"), 0);
  });
});

describe("serve()", () => {
  it("makes a server that listens, and gives what its handlers need", async () => {
    const server = await stage.serve({
      upgrade: ({ url }) => ({ data: { url } }),
      open: (ws) => void ws.send((ws.data as { url: string }).url),
    });
    const ws = await connect(`${server.url}/path?a=1`);
    for await (const message of ws) {
      assert.equal(message, "/path?a=1");
      break;
    }
    ws.close();
    await ws.closed;
  });
});
