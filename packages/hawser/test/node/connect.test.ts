// The client: what it asks for, what it gives, and every way in which it can fail. Servers that answer
// wrongly have their tests in ../hardening, redirects too.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { connect, type ConnectOptions, HandshakeError, UsageError } from "../../dist/index.js";
import { deferred, turn } from "../support/deferred.ts";
import { closeFrame, frame, opcodes } from "../support/frame.ts";
import { headText, parseHead, type ResponseHead } from "../support/http-head.ts";
import type { RawPeer } from "../support/raw-peer.ts";
import { accepting, type RawAnswer, RawServer } from "../support/raw-server.ts";
import { rejectionOf } from "../support/rejection.ts";
import { Stage } from "../support/stage.ts";

const stage = new Stage();
const { log } = stage;
let raw: RawServer;
let answer: RawAnswer = accepting();
before(async () => {
  raw = await RawServer.listen((peer, request) => answer(peer, request));
});
afterEach(async () => {
  await stage.end();
  for (const peer of raw.peers.splice(0)) peer.destroy();
  raw.requests.length = 0;
  answer = accepting();
});
after(() => raw.close());

/** The request that `connect` makes. */
async function requestOf(url: string, options: ConnectOptions = {}): Promise<ResponseHead> {
  const ws = await stage.connect(url, options);
  assert.equal(ws.state, "open");
  return parseHead(raw.requests[0] as string);
}

describe("connect: the request", () => {
  it("asks for a WebSocket of version 13, with a new key each time", async () => {
    const { startLine, headers } = await requestOf(`${raw.url}path?a=1&b=%20`);
    assert.equal(startLine, "GET /path?a=1&b=%20 HTTP/1.1");
    assert.deepEqual(headers.get("host"), [`127.0.0.1:${raw.port}`]);
    assert.deepEqual(headers.get("upgrade"), ["websocket"]);
    assert.deepEqual(headers.get("connection"), ["Upgrade"]);
    assert.deepEqual(headers.get("sec-websocket-version"), ["13"]);
    assert.equal(headers.has("sec-websocket-protocol"), false);
    const [key] = headers.get("sec-websocket-key") as [string];
    assert.equal(Buffer.from(key, "base64").length, 16);
    await stage.connect(raw.url);
    const second = parseHead(raw.requests[1] as string).headers.get("sec-websocket-key");
    assert.notDeepEqual(second, [key]);
  });

  it("takes a URL object, and http for ws", async () => {
    const url = new URL(raw.url.replace("ws:", "http:"));
    const ws = await connect(url);
    assert.equal(ws.state, "open");
    ws.terminate();
  });

  for (const [title, headers] of [
    ["an object", { "X-One": "1", Cookie: "a=b" }],
    [
      "a list",
      [
        ["X-One", "1"],
        ["Cookie", "a=b"],
      ],
    ],
    ["Headers", new Headers({ "X-One": "1", Cookie: "a=b" })],
    ["a Map", new Map(Object.entries({ "X-One": "1", Cookie: "a=b" }))],
  ] as [string, NonNullable<ConnectOptions["headers"]>][]) {
    it(`sends the header fields of ${title}`, async () => {
      const request = await requestOf(raw.url, { headers });
      assert.deepEqual(request.headers.get("x-one"), ["1"]);
      assert.deepEqual(request.headers.get("cookie"), ["a=b"]);
    });
  }

  it("a Host of its own replaces the URL's", async () => {
    const { headers } = await requestOf(raw.url, { headers: { Host: "example.com" } });
    assert.deepEqual(headers.get("host"), ["example.com"]);
  });

  it("user and password of the URL become Basic credentials, unless there are others", async () => {
    const url = raw.url.replace("//", "//us%20er:p%C3%A4ss%3A@");
    const { headers } = await requestOf(url);
    const expected = `Basic ${Buffer.from("us er:päss:").toString("base64")}`;
    assert.deepEqual(headers.get("authorization"), [expected]);
    raw.requests.length = 0;
    const other = await requestOf(url, { headers: { authorization: "Bearer x" } });
    assert.deepEqual(other.headers.get("authorization"), ["Bearer x"]);
  });

  it("a user without a password", async () => {
    const { headers } = await requestOf(raw.url.replace("//", "//user@"));
    assert.deepEqual(headers.get("authorization"), [`Basic ${btoa("user:")}`]);
  });

  it("a user that is not percent-encoded as it should be: HAWSER_URL_INVALID", async () => {
    await rejectionOf(connect(raw.url.replace("//", "//100%@")), "HAWSER_URL_INVALID");
  });

  it("offers subprotocols, one or several; the server's choice is the connection's", async () => {
    answer = accepting({ "Sec-WebSocket-Protocol": "b" });
    const ws = await stage.connect(raw.url, { protocols: ["a", "b"] });
    assert.equal(ws.protocol, "b");
    const one = await stage.connect(raw.url, { protocols: "b" });
    assert.equal(one.protocol, "b");
    assert.deepEqual(
      raw.requests.map((request) => parseHead(request).headers.get("sec-websocket-protocol")),
      [["a, b"], ["b"]],
    );
  });
});

describe("connect: UsageErrors, before anything is sent", () => {
  for (const [title, code, options] of [
    ["a subprotocol that is no token", "HAWSER_SUBPROTOCOL_INVALID", { protocols: ["a b"] }],
    ["an empty subprotocol", "HAWSER_SUBPROTOCOL_INVALID", { protocols: "" }],
    ["a subprotocol twice", "HAWSER_SUBPROTOCOL_INVALID", { protocols: ["a", "a"] }],
    ["a line break in a value", "HAWSER_HEADER_INVALID", { headers: { X: "a\r\nY: b" } }],
    ["a line break in a name", "HAWSER_HEADER_INVALID", { headers: { "X\r\n": "a" } }],
    ["a wide character", "HAWSER_HEADER_INVALID", { headers: { X: "€" } }],
    ["the handshake's own header", "HAWSER_HEADER_INVALID", { headers: { Upgrade: "x" } }],
    ["maxRedirects -1", "HAWSER_OPTION_INVALID", { maxRedirects: -1 }],
    ["handshakeTimeoutMs 0", "HAWSER_OPTION_INVALID", { handshakeTimeoutMs: 0 }],
    ["maxMessageBytes 0", "HAWSER_OPTION_INVALID", { maxMessageBytes: 0 }],
    ["message no function", "HAWSER_OPTION_INVALID", { message: "x" as never }],
    ["close no function", "HAWSER_OPTION_INVALID", { close: 5 as never }],
    ["ping no function", "HAWSER_OPTION_INVALID", { ping: {} as never }],
  ] as [string, string, ConnectOptions][]) {
    it(title, async () => {
      const error = await rejectionOf(connect(raw.url, options), code);
      assert.ok(error instanceof UsageError);
      assert.equal(raw.peers.length, 0);
    });
  }
});

describe("connect: signal", () => {
  const reason = new Error("changed my mind");

  it("aborted before: rejects with its reason, and nothing is dialled", async () => {
    const error = await rejectionOf(connect(raw.url, { signal: AbortSignal.abort(reason) }));
    assert.equal(error, reason);
    assert.equal(raw.peers.length, 0);
  });

  it("aborted while it is dialled", async () => {
    const abort = new AbortController();
    const connecting = rejectionOf(connect(raw.url, { signal: abort.signal }));
    abort.abort(reason);
    assert.equal(await connecting, reason);
  });

  it("aborted during the handshake: the socket is let go of", async () => {
    const abort = new AbortController();
    answer = () => abort.abort(reason);
    assert.equal(await rejectionOf(connect(raw.url, { signal: abort.signal })), reason);
    await raw.peers[0]?.waitForEnd();
  });

  it("aborted during a redirect", async () => {
    const abort = new AbortController();
    answer = (peer) => {
      if (raw.requests.length > 1) abort.abort(reason);
      else peer.write(headText("HTTP/1.1 302 Away", { Location: "/b", "Content-Length": "0" }));
    };
    const connecting = connect(raw.url, { signal: abort.signal, maxRedirects: 1 });
    assert.equal(await rejectionOf(connecting), reason);
  });

  it("aborted later: of no effect", async () => {
    const abort = new AbortController();
    const ws = await stage.connect(raw.url, { signal: abort.signal });
    abort.abort(reason);
    await turn();
    assert.equal(ws.state, "open");
  });

  it("leaves no listener on the signal", async () => {
    const { signal } = new AbortController();
    const counts: number[] = [];
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      counts.push(1);
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      counts.push(-1);
      remove(...args);
    };
    await stage.connect(raw.url, { signal });
    assert.ok(counts.reduce((sum, one) => sum + one, 0) <= 0);
  });
});

describe("connect: time-outs", () => {
  for (const [title, how] of [
    ["no answer", () => undefined],
    ["half an answer", (peer) => peer.write("HTTP/1.1 101 Switching")],
  ] as [string, RawAnswer][]) {
    it(`${title} within handshakeTimeoutMs: a HandshakeError`, async () => {
      answer = how;
      const started = performance.now();
      const error = await rejectionOf<HandshakeError>(
        connect(raw.url, { handshakeTimeoutMs: 100 }),
        "HAWSER_HANDSHAKE_TIMEOUT",
      );
      assert.ok(error instanceof HandshakeError);
      assert.equal(error.status, 0);
      const took = performance.now() - started;
      assert.ok(took >= 95 && took < 1_500, `${took} ms`);
      await raw.peers[0]?.waitForEnd();
    });
  }

  it("redirects are within the same time", async () => {
    answer = (peer) =>
      void setTimeout(
        () => peer.write(headText("HTTP/1.1 302 Away", { Location: "/", "Content-Length": "0" })),
        30,
      );
    const started = performance.now();
    const options = { maxRedirects: 100, handshakeTimeoutMs: 500 };
    await rejectionOf(connect(raw.url, options), "HAWSER_HANDSHAKE_TIMEOUT");
    assert.ok(performance.now() - started < 2_000);
    assert.ok(raw.requests.length > 1);
  });

  it("a refusal whose body is slow is a refusal", async () => {
    answer = (peer) => peer.write("HTTP/1.1 403 No\r\nContent-Length: 100\r\n\r\nbecause");
    const error = await rejectionOf<HandshakeError>(
      connect(raw.url, { handshakeTimeoutMs: 400 }),
      "HAWSER_REFUSED",
    );
    assert.deepEqual([error.status, error.body], [403, "because"]);
  });

  it("are over once it is connected", async () => {
    const ws = await stage.connect(raw.url, { handshakeTimeoutMs: 300 });
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.equal(ws.state, "open");
  });
});

describe("connect: refusals", () => {
  const long = "x".repeat(20_000);
  for (const [title, response, body] of [
    ["by Content-Length", "Content-Length: 6\r\n\r\nreason", "reason"],
    ["without a body", "Content-Length: 0\r\n\r\n", ""],
    [
      "chunked",
      "Transfer-Encoding: chunked\r\n\r\n3\r\nrea\r\n3;x=y\r\nson\r\n0\r\n\r\n",
      "reason",
    ],
    ["UTF-8", `Content-Length: 3\r\n\r\n${Buffer.from("€").toString("latin1")}`, "€"],
    ["not UTF-8", "Content-Length: 2\r\n\r\n\xff\xfe", "\xff\xfe"],
    ["16 KiB of a longer one", `Content-Length: 20000\r\n\r\n${long}`, long.slice(0, 16_384)],
  ] as const) {
    it(`with a body ${title}`, async () => {
      answer = (peer) => peer.write(`HTTP/1.1 403 No\r\n${response}`);
      const error = await rejectionOf<HandshakeError>(connect(raw.url), "HAWSER_REFUSED");
      assert.equal(error.status, 403);
      assert.equal(error.body, body);
    });
  }

  it("with a body up to the end of the connection", async () => {
    answer = (peer) => void peer.socket.end("HTTP/1.1 500 \r\n\r\nreason");
    const error = await rejectionOf<HandshakeError>(connect(raw.url), "HAWSER_REFUSED");
    assert.equal(error.body, "reason");
  });

  it("of our own server, word for word", async () => {
    const server = await stage.serve({ origins: ["https://example.com"] });
    const headers = { Origin: "https://evil.example" };
    const error = await rejectionOf<HandshakeError>(connect(server.url, { headers }));
    assert.equal(error.status, 403);
    assert.match(error.body, /origin/);
  });
});

describe("connect: the connection", () => {
  it("has its handlers and data; messages that came right behind the 101 are delivered", async () => {
    const first = Buffer.concat([
      frame(opcodes.text, "first", { masked: false }),
      frame(opcodes.ping, "p", { masked: false }),
      closeFrame(4000, "bye", { masked: false }),
    ]);
    answer = accepting({}, first.toString("latin1"));
    const closed = deferred();
    const ws = await stage.connect(raw.url, {
      data: { mine: true },
      message: (_ws, message) => log.add("message", message),
      ping: (_ws, payload) => log.add("ping", payload.toString()),
      close(_ws, code, reason) {
        log.add("close", code, reason);
        closed.resolve();
      },
    });
    assert.deepEqual(ws.data, { mine: true });
    raw.peers[0]?.socket.end();
    await closed.promise;
    assert.deepEqual(log.entries, [
      { name: "message", values: ["first"] },
      { name: "ping", values: ["p"] },
      { name: "close", values: [4000, "bye"] },
    ]);
  });

  it("without a message handler they wait for the loop", async () => {
    const first = frame(opcodes.text, "first", { masked: false });
    answer = accepting({}, first.toString("latin1"));
    const ws = await stage.connect(raw.url);
    await turn();
    for await (const message of ws) {
      assert.equal(message, "first");
      break;
    }
  });

  it("masks every frame with a key of its own (§5.3)", async () => {
    const ws = await stage.connect(raw.url);
    const peer = raw.peers[0] as RawPeer;
    const keys = new Set<string>();
    for (let i = 0; i < 200; i++) ws.send("same");
    for (let i = 0; i < 200; i++) {
      const { isMasked, payload, maskingKey } = await peer.readFrame();
      assert.deepEqual([isMasked, payload.toString()], [true, "same"]);
      keys.add((maskingKey as Buffer).toString("hex"));
    }
    assert.ok(keys.size > 195, `${keys.size} of 200 keys differ`);
  });

  it("takes messages larger than a server does by default", async () => {
    const server = await stage.serve({ open: (ws) => void ws.send("x".repeat(2 * 1024 * 1024)) });
    const ws = await stage.connect(server);
    for await (const message of ws) {
      assert.equal(message.length, 2 * 1024 * 1024);
      break;
    }
  });

  it("waits for the server to end TCP after the closing handshake (§7.1.1)", async () => {
    const ws = await stage.connect(raw.url, { message: () => undefined });
    const peer = raw.peers[0] as RawPeer;
    peer.write(closeFrame(1000, "", { masked: false }));
    assert.equal((await peer.readClose()).code, 1000);
    await turn();
    assert.equal(peer.ending, undefined);
    assert.equal(ws.state, "closing");
    peer.socket.end();
    assert.equal((await ws.closed).wasClean, true);
  });
});

describe("connect: unix sockets", () => {
  it("by the option; the URL says the rest", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hawser-"));
    const unix = join(folder, "socket");
    const server = await stage.serve({
      unix,
      open: (ws, { url, headers }) => void ws.send(`${headers.host}${url}`),
    });
    const ws = await stage.connect("ws://example.com/path", { unix });
    for await (const message of ws) {
      assert.equal(message, "example.com/path");
      break;
    }
    await server.close({ timeoutMs: 100 });
    const error = await rejectionOf(connect("ws://example.com/", { unix }), "HAWSER_CONNECT");
    assert.match(error.message, new RegExp(unix));
    rmSync(folder, { recursive: true });
  });
});
