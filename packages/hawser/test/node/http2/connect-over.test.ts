// `connect(url, { http })`: sessions that are shared, and the ways back to HTTP/1.1.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  constants,
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, it } from "node:test";
import {
  type Connection,
  type ConnectOptions,
  type HandshakeError,
  type HttpVersion,
  type Server,
  WebSocket,
} from "../../../dist/index.js";
import { makeCertificate } from "../../support/certificate.ts";
import { turn, within } from "../../support/deferred.ts";
import { rejectionOf } from "../../support/rejection.ts";
import { Stage, type StageOptions } from "../../support/stage.ts";

const certificate = makeCertificate();
const tls = { ca: certificate.cert };
const stage = new Stage();
const { log } = stage;
const ends: (() => unknown)[] = [];

afterEach(async () => {
  await stage.end();
  for (const end of ends.splice(0)) await end();
});

/** A server that says how each connection came: version and the port of its socket, which tells sessions apart. */
function start(options: StageOptions = {}): Promise<Server> {
  return stage.serve({
    tls: certificate,
    http2: true,
    upgrade({ httpVersion, incoming }) {
      log.add("upgrade", httpVersion, incoming.socket.remotePort);
      return {};
    },
    message: (ws, message) => ws.send(message),
    ...options,
  });
}

function sessions(): number {
  return new Set(log.all("upgrade").map(([, port]) => port)).size;
}

function versions(): unknown[] {
  return log.all("upgrade").map(([version]) => version);
}

async function echoes(ws: Connection): Promise<void> {
  ws.send("hello");
  const { value } = await within(ws[Symbol.asyncIterator]().next(), "an echo");
  assert.equal(value, "hello");
}

/** A secure HTTP/2 server whose streams the test answers itself. */
async function raw(
  onStream: (stream: ServerHttp2Stream, session: ServerHttp2Session) => void,
  settings: object = { enableConnectProtocol: true },
): Promise<{ url: string; http: Http2SecureServer; sessions: ServerHttp2Session[] }> {
  const http = createSecureServer({ ...certificate, allowHTTP1: true, settings });
  const opened: ServerHttp2Session[] = [];
  http.on("session", (session) => opened.push(session));
  http.on("stream", (stream) => {
    stream.on("error", () => undefined);
    onStream(stream, stream.session as ServerHttp2Session);
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  ends.push(() => {
    for (const session of opened) session.destroy();
    http.close();
  });
  return { url: `wss://127.0.0.1:${(http.address() as AddressInfo).port}`, http, sessions: opened };
}

function open(
  server: Server | string,
  http: HttpVersion,
  more: ConnectOptions = {},
): Promise<Connection> {
  return stage.connect(server, { tls, http, ...more });
}

describe("connect over HTTP/2", () => {
  for (const http of [2, "auto"] as const) {
    it(`http: ${JSON.stringify(http)}: WebSockets to one server share a TCP connection`, async () => {
      const server = await start();
      const all = await Promise.all(Array.from({ length: 10 }, () => open(server, http)));
      all.push(await open(server, http));
      await Promise.all(all.map(echoes));
      assert.deepEqual(
        versions(),
        Array.from({ length: 11 }, () => "2.0"),
      );
      assert.equal(sessions(), 1);
      assert.equal(all[0]?.remoteAddress, "127.0.0.1");
    });
  }

  it("the default is HTTP/1.1", async () => {
    const server = await start();
    await echoes(await stage.connect(server, { tls }));
    assert.deepEqual(versions(), ["1.1"]);
  });

  it("the WebSocket of the web's standard takes the option, too", async () => {
    const server = await start();
    const ws = new WebSocket(server.url, [], { tls, http: 2 });
    await new Promise((resolve) => ws.addEventListener("open", resolve));
    ws.close();
    assert.deepEqual(versions(), ["2.0"]);
  });

  it("subprotocol, compression and header fields are agreed on as ever", async () => {
    const server = await start({
      protocols: ["chat"],
      compression: true,
      upgrade: ({ headers }) => ({ headers: { "x-seen": String(headers["x-mine"]) } }),
    });
    const ws = await open(server, 2, {
      protocols: ["other", "chat"],
      compression: true,
      headers: { "X-Mine": "1" },
    });
    assert.equal(ws.protocol, "chat");
    assert.match(ws.extensions, /^permessage-deflate/);
    await echoes(ws);
  });

  it("other options of TLS are another session", async () => {
    const server = await start();
    await open(server, 2);
    await open(server, 2, { tls: { ca: certificate.cert } });
    assert.equal(sessions(), 1);
    await open(server, 2, { tls: { ca: certificate.cert, minVersion: "TLSv1.3" } });
    assert.equal(sessions(), 2);
  });

  it("a session that is full has a second one beside it", async () => {
    const server = await start({ http2: { maxStreams: 3 } });
    const all = await Promise.all(Array.from({ length: 10 }, () => open(server, 2)));
    await Promise.all(all.map(echoes));
    assert.equal(sessions(), 4);
  });

  it("a refusal has status, header fields and body", async () => {
    const server = await start({
      upgrade: () => new Response("sign in", { status: 401, headers: { "x-why": "you" } }),
    });
    const error = await rejectionOf<HandshakeError>(open(server, 2), "HAWSER_REFUSED");
    assert.deepEqual([error.status, error.body], [401, "sign in"]);
    assert.deepEqual(error.headers.get("x-why"), ["you"]);
    assert.equal(error.headers.has(":status"), false);
  });

  it("of a long body the first 16 KiB are kept, and nothing more is read", async () => {
    const { url } = await raw((stream) => {
      stream.respond({ ":status": 503 });
      stream.write("x".repeat(40_000));
    });
    const error = await rejectionOf<HandshakeError>(open(url, 2), "HAWSER_REFUSED");
    assert.equal(error.body.length, 16 * 1024);
  });

  it("a redirect is followed", async () => {
    const server = await start();
    const { url } = await raw((stream) => {
      stream.respond({ ":status": 307, location: server.url });
      stream.end();
    });
    await echoes(await open(url, 2, { maxRedirects: 1 }));
    assert.deepEqual(versions(), ["2.0"]);
  });

  it("a yes to what was not offered is an error", async () => {
    const { url } = await raw((stream) =>
      stream.respond({ ":status": 200, "sec-websocket-protocol": "chat" }),
    );
    await rejectionOf(open(url, 2), "HAWSER_RESPONSE_SUBPROTOCOL");
  });

  it("a reset in place of a response is an error", async () => {
    const { url } = await raw((stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
    await rejectionOf(open(url, 2), "HAWSER_RESPONSE_CUT");
  });

  it("the time-out and the signal reset the stream, and the session goes on", async () => {
    const codes: number[] = [];
    let count = 0;
    const { url } = await raw((stream) => {
      if (++count === 3) {
        stream.respond({ ":status": 200 });
        return;
      }
      log.add("asked");
      stream.on("close", () => {
        codes.push(stream.rstCode);
        log.add("reset");
      });
    });
    await rejectionOf(open(url, 2, { handshakeTimeoutMs: 100 }), "HAWSER_HANDSHAKE_TIMEOUT");
    const controller = new AbortController();
    const opening = open(url, 2, { signal: controller.signal });
    await log.waitFor("asked", 2);
    controller.abort(new Error("enough"));
    assert.equal((await rejectionOf<Error>(opening)).message, "enough");
    await log.waitFor("reset", 2);
    assert.deepEqual(codes, [constants.NGHTTP2_CANCEL, constants.NGHTTP2_CANCEL]);
    await open(url, 2);
  });

  it("a refusal whose body is slow is still a refusal", async () => {
    const { url } = await raw((stream) => {
      stream.respond({ ":status": 403 });
      stream.write("no");
    });
    const opening = open(url, 2, { handshakeTimeoutMs: 100 });
    const error = await rejectionOf<HandshakeError>(opening, "HAWSER_REFUSED");
    assert.deepEqual([error.status, error.body], [403, "no"]);
  });

  it("RFC 9113 §8.7: what the server has refused to look at is sent again", async () => {
    let count = 0;
    const { url, sessions: opened } = await raw((stream) => {
      if (++count === 1) stream.close(constants.NGHTTP2_REFUSED_STREAM);
      else stream.respond({ ":status": 200 });
    });
    await open(url, 2);
    assert.deepEqual([count, opened.length], [2, 2]);
  });

  it("…but not for ever", async () => {
    let count = 0;
    const { url } = await raw((stream) => {
      count++;
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
    });
    await rejectionOf(open(url, 2), "HAWSER_RESPONSE_CUT");
    assert.equal(count, 5);
  });

  it("RFC 9113 §6.8: after GOAWAY new WebSockets are on a new session, the old ones go on", async () => {
    const { url, sessions: opened } = await raw((stream) => {
      stream.respond({ ":status": 200 });
      stream.on("data", (data: Buffer) => stream.write(data));
    });
    const first = await open(url, 2);
    opened[0]?.goaway(constants.NGHTTP2_NO_ERROR);
    while (opened.length === 1) {
      await open(url, 2);
      await turn();
    }
    assert.equal(first.state, "open");
  });

  it("a session that is lost is 1006 for all on it, and the next one is dialled", async () => {
    const { url, sessions: opened } = await raw((stream) => stream.respond({ ":status": 200 }));
    const all = await Promise.all([open(url, 2), open(url, 2)]);
    opened[0]?.destroy();
    for (const ws of all) assert.equal((await within(ws.closed, "the end")).code, 1006);
    await open(url, 2);
    assert.equal(opened.length, 2);
  });

  it("one who gives up while others wait for the same session is the only one", async () => {
    const server = await start();
    const controller = new AbortController();
    const gaveUp = open(server, 2, { signal: controller.signal });
    const waits = open(server, 2);
    controller.abort(new Error("enough"));
    await rejectionOf(gaveUp);
    await echoes(await waits);
    assert.equal(sessions(), 1);
  });

  it("when all give up nothing is dialled any more", async () => {
    const server = await start();
    const controller = new AbortController();
    const opening = open(server, 2, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await rejectionOf(opening);
    await echoes(await open(server, 2));
    assert.equal(sessions(), 1);
  });

  it("a session that nobody uses keeps no process alive", async () => {
    const server = await start();
    const library = JSON.stringify(import.meta.resolve("../../../dist/index.js"));
    const program = `import { connect } from ${library};
      const ws = await connect("${server.url}", { tls: { rejectUnauthorized: false }, http: 2 });
      ws.close();
      await ws.closed;`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program]);
    ends.push(() => child.kill("SIGKILL"));
    // It would end by itself after five seconds.
    const [code] = (await within(once(child, "exit"), "the program's end", 4_000)) as [number];
    assert.equal(code, 0);
    assert.deepEqual(versions(), ["2.0"]);
  });

  it("http: 2 without TLS is HTTP/2 with prior knowledge", async () => {
    const http = createServer();
    const server = await start();
    server.attach(http);
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    http.on("session", (session) => ends.push(() => session.destroy()));
    ends.push(() => http.close());
    const ws = await open(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`, 2);
    await echoes(ws);
    assert.deepEqual(versions(), ["2.0"]);
    ws.close();
    await ws.closed;
  });
});

describe("connect: back to HTTP/1.1", () => {
  it('"auto": ALPN chooses HTTP/1.1, on the socket that was dialled', async () => {
    const server = await start({ http2: false });
    const all = await Promise.all([open(server, "auto"), open(server, "auto")]);
    await Promise.all(all.map(echoes));
    assert.deepEqual(versions(), ["1.1", "1.1"]);
    assert.equal(sessions(), 2);
  });

  it('"auto": a server of HTTP/2 without extended CONNECT is asked over HTTP/1.1', async () => {
    const { url, http, sessions: opened } = await raw((stream) => stream.close(), {});
    const server = await start();
    http.on("upgrade", (request, socket, head) => server.handleUpgrade(request, socket, head));
    await echoes(await open(url, "auto"));
    await echoes(await open(url, "auto"));
    assert.deepEqual(versions(), ["1.1", "1.1"]);
    assert.equal(opened.length, 1);
  });

  it('"auto" without TLS is HTTP/1.1', async () => {
    const { http2: _http2, tls: _tls, ...plain } = { http2: undefined, tls: undefined };
    const server = await stage.serve({
      ...plain,
      upgrade({ httpVersion }) {
        log.add("upgrade", httpVersion);
        return {};
      },
    });
    await stage.connect(server, { http: "auto" });
    assert.deepEqual(versions(), ["1.1"]);
  });

  it("http: 2 where there is none is HAWSER_HTTP2_UNAVAILABLE", async () => {
    const server = await start({ http2: false });
    await rejectionOf(open(server, 2), "HAWSER_HTTP2_UNAVAILABLE");
    const { url } = await raw((stream) => stream.close(), {});
    await rejectionOf(open(url, 2), "HAWSER_HTTP2_UNAVAILABLE");
    const http = createHttpServer();
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    ends.push(() => {
      http.close();
      http.closeAllConnections();
    });
    const { port } = http.address() as AddressInfo;
    await rejectionOf(open(`ws://127.0.0.1:${port}`, 2), "HAWSER_HTTP2_UNAVAILABLE");
  });

  it("no server at all is HAWSER_CONNECT", async () => {
    const server = await start();
    const { url } = server;
    await server.close();
    await rejectionOf(open(url, 2), "HAWSER_CONNECT");
    await rejectionOf(open(url, "auto"), "HAWSER_CONNECT");
  });

  it("another version is the user's mistake", async () => {
    await rejectionOf(open("wss://localhost", 3 as 2), "HAWSER_OPTION_INVALID");
  });
});
