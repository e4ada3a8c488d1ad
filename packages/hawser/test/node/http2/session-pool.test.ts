// HTTP/2 sessions that are shared when something is wrong with them: how many there may be, what those hear who wait
// for one, and a server that is gone without a word.

import assert from "node:assert/strict";
import { once } from "node:events";
import {
  createSecureServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type Settings,
} from "node:http2";
import { type AddressInfo, connect as connectSocket, createServer, type Socket } from "node:net";
import { afterEach, describe, it } from "node:test";
import type {
  Connection,
  ConnectOptions,
  HandshakeError,
  LimitError,
} from "../../../dist/index.js";
import { makeCertificate } from "../../support/certificate.ts";
import { deferred, turn, within } from "../../support/deferred.ts";
import { rejectionOf } from "../../support/rejection.ts";
import { Stage } from "../../support/stage.ts";

const certificate = makeCertificate();
const tls = { ca: certificate.cert };
const stage = new Stage();
const { log } = stage;
const ends: (() => unknown)[] = [];

afterEach(async () => {
  await stage.end();
  for (const end of ends.splice(0)) await end();
});

function open(url: string, more: ConnectOptions = {}): Promise<Connection> {
  return stage.connect(url, { tls, http: 2, ...more });
}

interface Http2Peer {
  readonly port: number;
  readonly url: string;
  readonly sessions: ServerHttp2Session[];
}

/** A server of HTTP/2 that answers as the test says. */
async function peer(
  onStream: (stream: ServerHttp2Stream) => void = (stream) => stream.respond({ ":status": 200 }),
  settings: Settings = {},
): Promise<Http2Peer> {
  const http = createSecureServer({
    ...certificate,
    settings: { enableConnectProtocol: true, ...settings },
  });
  const sessions: ServerHttp2Session[] = [];
  http.on("session", (session) => {
    sessions.push(session);
    session.on("error", () => undefined);
    log.add("session");
  });
  http.on("stream", (stream) => {
    stream.on("error", () => undefined);
    stream.resume();
    log.add("stream");
    onStream(stream);
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  ends.push(() => {
    for (const session of sessions) session.destroy();
    http.close();
  });
  const { port } = http.address() as AddressInfo;
  return { port, url: `wss://127.0.0.1:${port}`, sessions };
}

/** A server that takes connections and says nothing. */
async function silent(): Promise<string> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    log.add("connection");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `wss://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A way to a port that loses everything from a moment on, and tells nobody. */
async function lossy(port: number): Promise<{ url: string; cut(): void }> {
  const pairs: Socket[][] = [];
  const server = createServer((client) => {
    const upstream = connectSocket(port, "127.0.0.1");
    pairs.push([client, upstream]);
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) {
      socket.on("error", () => undefined);
      socket.on("close", () => [client, upstream].forEach((one) => one.destroy()));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => {
    for (const socket of pairs.flat()) socket.destroy();
    server.close();
  });
  return {
    url: `wss://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      for (const [client, upstream] of pairs) {
        client?.unpipe();
        upstream?.unpipe();
        // What comes is read and lost.
        client?.resume();
        upstream?.resume();
      }
    },
  };
}

describe("maxSessions", () => {
  it("so many sessions to one server, and then HAWSER_TOO_MANY_SESSIONS", async () => {
    const { url, sessions } = await peer(undefined, { maxConcurrentStreams: 1 });
    const first = await open(url, { maxSessions: 2 });
    await open(url, { maxSessions: 2 });
    const attempt = open(url, { maxSessions: 2 });
    const error = await rejectionOf<LimitError>(attempt, "HAWSER_TOO_MANY_SESSIONS");
    assert.deepEqual([error.limit, error.actual, error.closeCode], [2, 3, 1013]);
    assert.equal(sessions.length, 2);
    first.terminate();
    await first.closed;
    let again: Connection | undefined;
    for (let i = 0; i < 500 && again === undefined; i++) {
      again = await open(url, { maxSessions: 2 }).catch(() => undefined);
      await turn();
    }
    assert.ok(again !== undefined);
    assert.equal(sessions.length, 2);
  });

  it("sessions that take no more WebSockets count, too, while they have some", async () => {
    const { url, sessions } = await peer();
    const ws = await open(url, { maxSessions: 1 });
    sessions[0]?.goaway();
    const codes: unknown[] = [];
    // Until the client has read it.
    for (let i = 0; i < 500 && codes.length === 0; i++) {
      const attempt = open(url, { maxSessions: 1 });
      await attempt.catch(({ code }: LimitError) => codes.push(code));
      await turn();
    }
    assert.deepEqual(codes, ["HAWSER_TOO_MANY_SESSIONS"]);
    assert.equal(ws.state, "open");
  });

  it("a server that takes fewer streams from some moment on", async () => {
    const { url, sessions } = await peer();
    await open(url);
    const told = once(sessions[0] as ServerHttp2Session, "localSettings");
    sessions[0]?.settings({ maxConcurrentStreams: 1 });
    await told;
    await open(url, { handshakeTimeoutMs: 2_000 });
    assert.equal(sessions.length, 2);
  });
});

describe("who waits for a session that another one dials", () => {
  it("has its phase", async () => {
    const url = await silent();
    const first = open(url, { handshakeTimeoutMs: 400 });
    const second = open(url, { handshakeTimeoutMs: 200 });
    const errors = await Promise.all(
      [second, first].map((one) => rejectionOf<HandshakeError>(one, "HAWSER_HANDSHAKE_TIMEOUT")),
    );
    assert.deepEqual(
      errors.map(({ phase }) => phase),
      ["TLS", "TLS"],
    );
    assert.equal(log.count("connection"), 1);
  });

  it("waits for the answer on one that is there", async () => {
    let count = 0;
    const { url } = await peer((stream) => {
      if (++count === 1) stream.respond({ ":status": 200 });
    });
    await open(url);
    const attempt = open(url, { handshakeTimeoutMs: 100 });
    const error = await rejectionOf<HandshakeError>(attempt, "HAWSER_HANDSHAKE_TIMEOUT");
    assert.equal(error.phase, "waiting for 101");
  });

  it("hears of its failure", async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
    await once(server, "listening");
    ends.push(() => server.close());
    const url = `wss://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const codes = [open(url), open(url)].map(async (one) => {
      const { code, phase } = await rejectionOf<HandshakeError>(one, "HAWSER_CONNECT");
      return [code, phase];
    });
    assert.deepEqual(await Promise.all(codes), [
      ["HAWSER_CONNECT", "TLS"],
      ["HAWSER_CONNECT", "TLS"],
    ]);
  });
});

describe("a server that is gone without a word", () => {
  it("after a time-out the next WebSocket is on another session", async () => {
    const { port, sessions } = await peer();
    const { url, cut } = await lossy(port);
    const first = await open(url);
    cut();
    const attempt = open(url, { handshakeTimeoutMs: 100 });
    await rejectionOf<HandshakeError>(attempt, "HAWSER_HANDSHAKE_TIMEOUT");
    await within(open(url, { handshakeTimeoutMs: 5_000 }), "the next one");
    assert.equal(sessions.length, 2);
    assert.equal(first.state, "open");
  });

  it("after a pong that did not come as well", async () => {
    const { port, sessions } = await peer();
    const { url, cut } = await lossy(port);
    const first = await open(url, { pingIntervalMs: 30, pongTimeoutMs: 30 });
    cut();
    await within(first.closed, "the end of the first");
    await within(open(url, { handshakeTimeoutMs: 5_000 }), "the next one");
    assert.equal(sessions.length, 2);
  });

  it("one that is only slow keeps its session", async () => {
    let count = 0;
    const { url, sessions } = await peer((stream) => {
      if (++count !== 2) stream.respond({ ":status": 200 });
    });
    await open(url);
    const attempt = open(url, { handshakeTimeoutMs: 100 });
    await rejectionOf<HandshakeError>(attempt, "HAWSER_HANDSHAKE_TIMEOUT");
    await open(url);
    assert.equal(sessions.length, 1);
  });

  it("a session that fails while a WebSocket waits for its answer: HAWSER_RESPONSE_CUT, and the next is another", async () => {
    const asked = deferred();
    let count = 0;
    const { url, sessions } = await peer((stream) => {
      if (++count === 1) asked.resolve();
      else stream.respond({ ":status": 200 });
    });
    const attempt = open(url);
    await asked.promise;
    sessions[0]?.destroy();
    await rejectionOf(attempt, "HAWSER_RESPONSE_CUT");
    await open(url);
    assert.equal(sessions.length, 2);
  });
});

describe("header fields that HTTP/2 can't have", () => {
  for (const [title, headers] of [
    [
      "twice what may be there once",
      [
        ["Authorization", "a"],
        ["authorization", "b"],
      ],
    ],
    ["TE with anything but trailers", [["TE", "gzip"]]],
  ] as const) {
    it(`${title}: HAWSER_HEADER_INVALID, and nothing is asked`, async () => {
      const { url } = await peer();
      await rejectionOf(open(url, { headers }), "HAWSER_HEADER_INVALID");
      await open(url);
      assert.equal(log.count("stream"), 1);
    });
  }
});
