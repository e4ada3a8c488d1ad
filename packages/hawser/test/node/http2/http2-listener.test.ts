// `serve({ tls, http2: true })`: both versions of HTTP on one port, WebSockets and plain requests.

import assert from "node:assert/strict";
import { once } from "node:events";
import { constants } from "node:http2";
import { get } from "node:https";
import { after, afterEach, describe, it } from "node:test";
import { connect, type Server } from "../../../dist/index.js";
import { makeCertificate } from "../../support/certificate.ts";
import { deferred, within } from "../../support/deferred.ts";
import { closeFrame, frame, opcodes } from "../../support/frame.ts";
import { Http2Peer } from "../../support/http2-peer.ts";
import { eventually } from "../../support/memory.ts";
import { rejectionOf } from "../../support/rejection.ts";
import { Stage, type StageOptions } from "../../support/stage.ts";

const tls = makeCertificate();
const stage = new Stage();
const { log } = stage;
const peers: Http2Peer[] = [];

afterEach(async () => {
  for (const peer of peers.splice(0)) peer.destroy();
  await stage.end();
});
after(() => stage.end());

function start(options: StageOptions = {}): Promise<Server> {
  return stage.serve({
    tls,
    http2: true,
    message: (ws, message) => ws.send(message),
    close: (_ws, code, reason) => log.add("close", code, reason),
    error: (error) => log.add("error", error),
    ...options,
  });
}

async function dial(server: Server): Promise<Http2Peer> {
  const peer = await Http2Peer.connect(server.url);
  peers.push(peer);
  return peer;
}

describe("WebSocket over HTTP/2: the opening handshake", () => {
  it("RFC 8441 §3: the server's SETTINGS say that it takes extended CONNECTs", async () => {
    const { session } = await dial(await start());
    assert.equal(session.remoteSettings.enableConnectProtocol, true);
    assert.equal(session.remoteSettings.maxConcurrentStreams, 256);
  });

  it("RFC 8441 §5: status 200 with subprotocol, extension and the hook's fields, and no key", async () => {
    const server = await start({
      protocols: ["chat"],
      compression: true,
      upgrade: () => ({ headers: { "X-Yes": "1" } }),
    });
    const { headers } = await (await dial(server)).open({
      "sec-websocket-protocol": "other, chat",
      "sec-websocket-extensions": "permessage-deflate",
    });
    assert.equal(headers["sec-websocket-protocol"], "chat");
    assert.match(String(headers["sec-websocket-extensions"]), /^permessage-deflate;/);
    assert.equal(headers["x-yes"], "1");
    assert.equal(headers["sec-websocket-accept"], undefined);
  });

  it("the hook sees what it sees of HTTP/1.1", async () => {
    const server = await start({
      upgrade: ({ url, httpVersion, ip, isSecure, headers, origin, protocols, incoming }) => {
        log.add("upgrade", url, httpVersion, ip, isSecure, headers.host, headers.cookie);
        log.add("more", origin, protocols, incoming.method, Object.keys(headers).join());
        return {};
      },
    });
    const host = new URL(server.url).host;
    const fields = {
      ":path": "/chat?room=1",
      "sec-websocket-protocol": "a, b",
      origin: `https://${host}`,
      cookie: "a=b",
    };
    await (await dial(server)).open(fields);
    const seen = ["/chat?room=1", "2.0", "127.0.0.1", true, host, "a=b"];
    assert.deepEqual(log.all("upgrade"), [seen]);
    const names = "host,sec-websocket-version,sec-websocket-protocol,origin,cookie";
    assert.deepEqual(log.all("more"), [[`https://${host}`, ["a", "b"], "CONNECT", names]]);
  });

  it("a refusal of the hook is a whole response", async () => {
    const server = await start({
      upgrade: async () => new Response("sign in", { status: 401, headers: { "x-why": "you" } }),
    });
    const { status, headers, body } = await (await dial(server)).response();
    assert.deepEqual([status, headers["x-why"], body], [401, "you", "sign in"]);
    assert.equal(server.stats().refused, 1);
  });

  it("what comes while the hook decides is delivered after `open`", async () => {
    const { promise: decided, resolve: decide } = deferred<object>();
    const server = await start({
      upgrade: () => {
        log.add("asked");
        return decided;
      },
      open: () => log.add("open"),
      message: (_ws, message) => log.add("message", message),
    });
    const stream = (await dial(server)).ask();
    stream.write(frame(opcodes.text, "early"));
    await log.waitFor("asked");
    decide({});
    await log.waitFor("message");
    assert.deepEqual(log.names, ["asked", "open", "message"]);
  });

  it("a client that resets its stream while the hook decides aborts its signal", async () => {
    const server = await start({
      upgrade: async (request) => {
        log.add("asked");
        await once(request.signal, "abort");
        log.add("aborted");
        throw request.signal.reason as Error;
      },
    });
    const stream = (await dial(server)).ask();
    await log.waitFor("asked");
    stream.close(constants.NGHTTP2_CANCEL);
    await log.waitFor("aborted");
    assert.equal(log.count("error"), 0);
  });

  it("fields of the hook that HTTP/2 can't have are a 500", async () => {
    const server = await start({ upgrade: () => ({ headers: { "Keep-Alive": "5" } }) });
    assert.equal((await (await dial(server)).response()).status, 500);
    assert.equal(log.count("error"), 1);
  });

  it("…those that only Node refuses, too", async () => {
    const headers: [string, string][] = [
      ["content-type", "a/b"],
      ["Content-Type", "c/d"],
    ];
    const server = await start({ upgrade: () => ({ headers }) });
    assert.equal((await (await dial(server)).response()).status, 500);
  });
});

describe("WebSocket over HTTP/2: ending", () => {
  it("RFC 8441 §5: the closing handshake ends with END_STREAM from both", async () => {
    const server = await start();
    const { peer, stream } = await (await dial(server)).open();
    peer.write(closeFrame(4000, "bye"));
    const { code } = await peer.readClose();
    assert.equal(await peer.waitForEnd(), "fin");
    stream.end();
    assert.deepEqual(await log.waitFor("close"), [4000, "bye"]);
    assert.deepEqual([code, stream.rstCode], [4000, constants.NGHTTP2_NO_ERROR]);
  });

  it("RFC 8441 §5: terminate is RST_STREAM with CANCEL", async () => {
    const server = await start({ message: (ws) => ws.terminate() });
    const { peer, stream } = await (await dial(server)).open();
    peer.send("end");
    if (!stream.destroyed) await within(once(stream, "close"), "the reset");
    assert.equal(stream.rstCode, constants.NGHTTP2_CANCEL);
    assert.deepEqual(await log.waitFor("close"), [1006, ""]);
  });

  it("RFC 8441 §5: a peer that does not answer the Close frame is reset with CANCEL", async () => {
    const server = await start({ closeTimeoutMs: 50, open: (ws) => ws.close(1000) });
    const { stream } = await (await dial(server)).open();
    if (!stream.destroyed) await within(once(stream, "close"), "the reset");
    assert.equal(stream.rstCode, constants.NGHTTP2_CANCEL);
  });

  it("the address of a connection whose session is gone is undefined", async () => {
    const server = await start({
      open: (ws) => log.add("open", ws.remoteAddress),
      close: (ws) => log.add("close", ws.remoteAddress),
    });
    const peer = await dial(server);
    await peer.open();
    peer.destroy();
    await log.waitFor("close");
    assert.deepEqual(log.all("open"), [["127.0.0.1"]]);
    assert.deepEqual(log.all("close"), [[undefined]]);
  });

  it("server.close(): 1001 on each stream, GOAWAY, and then the session ends", async () => {
    const server = await start();
    const dialled = await dial(server);
    const opened = await Promise.all([dialled.open(), dialled.open()]);
    const goaway = once(dialled.session, "goaway");
    const ended = once(dialled.session, "close");
    const closed = server.close();
    for (const { peer, stream } of opened) {
      assert.equal((await peer.readClose()).code, 1001);
      peer.write(closeFrame(1001));
      await peer.waitForEnd();
      stream.end();
    }
    await within(closed, "server.close()");
    const [code] = (await within(goaway, "GOAWAY")) as [number];
    assert.equal(code, constants.NGHTTP2_NO_ERROR);
    await within(ended, "the session's end");
    assert.deepEqual(log.all("close"), [
      [1001, ""],
      [1001, ""],
    ]);
  });

  it("server.close(): a handshake under way gets its 503", async () => {
    const server = await start({
      upgrade: () => {
        log.add("asked");
        return new Promise(() => undefined);
      },
    });
    const response = (await dial(server)).response();
    await log.waitFor("asked");
    await server.close({ timeoutMs: 1_000 });
    assert.equal((await response).status, 503);
  });

  it("server.close(): what does not end in time is ended", async () => {
    const server = await start();
    const dialled = await dial(server);
    await dialled.open();
    const ended = once(dialled.session, "close");
    await server.close({ timeoutMs: 50 });
    await within(ended, "the session's end");
  });
});

describe("HTTP/2 and HTTP/1.1 on one port", () => {
  it("RFC 7301: a client that chooses HTTP/1.1 has its WebSocket over it", async () => {
    const server = await start({
      upgrade: ({ httpVersion }) => {
        log.add("upgrade", httpVersion);
        return {};
      },
    });
    const ws = await connect(server.url, { tls: { ca: tls.cert } });
    ws.close();
    await ws.closed;
    assert.deepEqual(log.all("upgrade"), [["1.1"]]);
  });

  it("plain requests over HTTP/2 reach `fetch`, with their body, and their answer has one", async () => {
    const server = await start({
      fetch: async (request, { ip }) => {
        const text = `${request.method} ${request.url} ${ip} ${await request.text()}`;
        const headers = { "x-a": request.headers.get("x-a") ?? "", connection: "close" };
        return new Response(text, { status: 201, statusText: "Made", headers });
      },
    });
    const peer = await dial(server);
    const fields = { ":method": "POST", ":path": "/x?y=z", "x-a": "b" };
    const { status, headers, body } = await peer.response(fields, "the body");
    const base = server.url.replace("wss", "https");
    assert.deepEqual([status, headers["x-a"]], [201, "b"]);
    assert.equal(body, `POST ${base}/x?y=z 127.0.0.1 the body`);
  });

  it("without `fetch` a plain request is told that this is for WebSockets", async () => {
    const peer = await dial(await start());
    const read = await peer.response({ ":method": "GET", ":path": "/" });
    assert.deepEqual([read.status, read.headers["upgrade"]], [426, undefined]);
    const posted = await peer.response({ ":method": "POST", ":path": "/" }, "body");
    assert.deepEqual([posted.status, posted.headers["allow"]], [405, "GET"]);
    const connected = await peer.response({
      ":protocol": undefined,
      ":path": undefined,
      ":authority": "a:1",
    });
    assert.equal(connected.status, 405);
  });

  it("a handler of `fetch` that throws is a 500", async () => {
    const server = await start({
      fetch: () => {
        throw new Error("planned");
      },
    });
    const { status } = await (await dial(server)).response({ ":method": "GET", ":path": "/" });
    assert.equal(status, 500);
    assert.equal(log.count("error"), 1);
  });

  it("a plain request over HTTP/1.1 is answered as ever", async () => {
    const server = await start({ fetch: () => new Response("one") });
    const { promise, resolve, reject } = deferred<string | undefined>();
    get(`${server.url.replace("wss", "https")}/`, { ca: tls.cert }, (response) => {
      response.resume();
      resolve(response.httpVersion);
    }).once("error", reject);
    assert.equal(await within(promise, "a response"), "1.1");
  });

  it("the options have bounds, and HTTP/2 needs TLS", async () => {
    for (const http2 of [true, { maxStreams: 5 }]) {
      await rejectionOf(stage.serve({ http2 }), "HAWSER_OPTION_INVALID");
    }
    for (const http2 of [{ maxStreams: 0 }, { idleTimeoutMs: 0 }, { maxSessionBytes: 1 }, "yes"]) {
      await rejectionOf(stage.serve({ tls, http2: http2 as object }), "HAWSER_OPTION_INVALID");
    }
    await stage.serve({ tls, http2: false });
  });
});

describe("HTTP/2: limits of a session", () => {
  it("RFC 9113 §5.1.2: more streams than `maxStreams` are not open at once", async () => {
    const server = await start({ http2: { maxStreams: 2 } });
    const peer = await dial(server);
    assert.equal(peer.session.remoteSettings.maxConcurrentStreams, 2);
    await Promise.all([peer.open(), peer.open()]);
    const third = peer.ask();
    // Node's client holds the third back by itself; the server never has more than two.
    await eventually(() => (server.stats().connections === 2 ? undefined : "not two"), 1_000);
    third.close();
  });

  it("a session without streams ends after `idleTimeoutMs`, one with a WebSocket does not", async () => {
    const server = await start({ http2: { idleTimeoutMs: 30 } });
    const [idle, busy] = [await dial(server), await dial(server)];
    const { peer } = await busy.open();
    const { peer: other, stream } = await idle.open();
    const ended = once(idle.session, "close");
    other.write(closeFrame(1000));
    await other.readClose();
    stream.end();
    await within(ended, "the idle session's end");
    peer.send("still there");
    assert.equal(await peer.readText(), "still there");
  });

  it("a session that asks for nothing ends after `handshakeTimeoutMs`", async () => {
    const peer = await dial(await start({ handshakeTimeoutMs: 30 }));
    if (!peer.session.destroyed) await within(once(peer.session, "close"), "the session's end");
  });
});
