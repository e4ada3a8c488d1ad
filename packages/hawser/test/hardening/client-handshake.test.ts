// Servers that answer an opening handshake wrongly, without end or not at all: the client gets a
// HandshakeError that says what was wrong, within its time and a bounded amount of memory.

import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import {
  connect,
  type ConnectOptions,
  HandshakeError,
  TransportError,
  type HawserError,
} from "../../dist/index.js";
import { deferred, turn } from "../support/deferred.ts";
import { acceptanceText, type Fields, headText, sampleAccept } from "../support/http-head.ts";
import { settledMemory } from "../support/memory.ts";
import { rejectionOf } from "../support/rejection.ts";
import { accepting, type RawAnswer, RawServer } from "../support/raw-server.ts";
import { Target } from "../support/target.ts";

const MiB = 1024 * 1024;

let answer: RawAnswer;
let raw: RawServer;
let target: Target;
before(async () => {
  raw = await RawServer.listen((peer, request) => answer(peer, request));
  target = await Target.start();
  // Once around: what the client makes once belongs to the base.
  answer = accepting();
  const ws = await connect(raw.url);
  ws.terminate();
  await ws.closed;
  target.rebase();
});
afterEach(async () => {
  for (const peer of raw.peers.splice(0)) peer.destroy();
  raw.requests.length = 0;
  await target.check();
});
after(async () => {
  await raw.close();
  await target.close();
});

/** Connects to a server that answers so; has to fail with a HandshakeError. */
async function failsWith(
  code: string,
  how: RawAnswer | string,
  options: ConnectOptions = {},
): Promise<HandshakeError> {
  answer = typeof how === "string" ? (peer) => peer.write(how) : how;
  const error = await rejectionOf<HandshakeError>(connect(raw.url, options), code);
  assert.ok(error instanceof HandshakeError);
  // The client lets go of the socket, read or unread.
  await raw.peers[0]?.waitForEnd();
  return error;
}

function rejects(
  rows: readonly (readonly [
    title: string,
    code: string,
    how: RawAnswer | string,
    options?: ConnectOptions,
  ])[],
): void {
  for (const [title, code, how, options] of rows) {
    it(`${title}: ${code}`, async () => {
      const error = await failsWith(code, how, options);
      assert.match(error.message, /\w/);
    });

    if (typeof how === "string") {
      it(`${title}, one byte a write: ${code}`, async () => {
        await failsWith(code, (peer) => peer.writeByteByByte(how), options);
      });
    }
  }
}

const with101 = (fields: Fields): RawAnswer => accepting(fields);

describe("200 and others instead of 101", () => {
  const response = (status: string, body = ""): string =>
    headText(`HTTP/1.1 ${status}`, { "Content-Length": String(body.length), "X-Why": "because" }) +
    body;

  rejects([
    ["200", "HAWSER_REFUSED", response("200 OK", "<html>")],
    ["201", "HAWSER_REFUSED", response("201 Created")],
    ["301 without being told to follow", "HAWSER_REFUSED", response("301 Moved Permanently")],
    ["401", "HAWSER_REFUSED", response("401 Unauthorized", "who?")],
    ["503", "HAWSER_REFUSED", response("503 Service Unavailable")],
    ["100 and then 200", "HAWSER_REFUSED", `HTTP/1.1 100 Continue\r\n\r\n${response("200 OK")}`],
    ["status 099", "HAWSER_RESPONSE_MALFORMED", response("099 Less")],
    ["status 1010", "HAWSER_RESPONSE_MALFORMED", response("1010 Switching Protocols")],
    ["HTTP/2.0", "HAWSER_RESPONSE_MALFORMED", "HTTP/2.0 101 Switching Protocols\r\n\r\n"],
    ["no HTTP at all", "HAWSER_RESPONSE_MALFORMED", "220 ready\r\n\r\n"],
    ["an empty line", "HAWSER_RESPONSE_MALFORMED", "\r\n\r\n"],
  ]);

  it("the error carries status, header fields and body", async () => {
    const error = await failsWith("HAWSER_REFUSED", response("403 Forbidden", "not you"));
    assert.equal(error.status, 403);
    assert.deepEqual(error.headers.get("x-why"), ["because"]);
    assert.equal(error.body, "not you");
  });
});

/** The right value but for its case, which base64 distinguishes. */
const lowerCaseAccept: RawAnswer = (peer, request) =>
  peer.write(acceptanceText(request).replace(/Accept: .*/, (line) => line.toLowerCase()));

describe("§4.1 a 101 that breaks a rule", () => {
  const accept = "Sec-WebSocket-Accept";
  rejects([
    ["wrong Accept", "HAWSER_RESPONSE_ACCEPT", with101({ [accept]: sampleAccept })],
    ["Accept missing", "HAWSER_RESPONSE_ACCEPT", with101({ [accept]: undefined })],
    ["Accept twice", "HAWSER_RESPONSE_ACCEPT", with101({ [accept]: [sampleAccept, sampleAccept] })],
    ["Accept empty", "HAWSER_RESPONSE_ACCEPT", with101({ [accept]: "" })],
    ["Accept in lower case", "HAWSER_RESPONSE_ACCEPT", lowerCaseAccept],
    ["Upgrade missing", "HAWSER_RESPONSE_UPGRADE", with101({ Upgrade: undefined })],
    ["Upgrade to h2c", "HAWSER_RESPONSE_UPGRADE", with101({ Upgrade: "h2c" })],
    ["Connection missing", "HAWSER_RESPONSE_CONNECTION", with101({ Connection: undefined })],
    ["Connection: close", "HAWSER_RESPONSE_CONNECTION", with101({ Connection: "close" })],
  ]);
});

describe("§4.1 (5) (6) a subprotocol or extension not asked for; window bits 7, 16, empty", () => {
  const protocol = (value: string | string[]): RawAnswer =>
    with101({ "Sec-WebSocket-Protocol": value });
  const extension = (value: string): RawAnswer => with101({ "Sec-WebSocket-Extensions": value });
  const chat = { protocols: ["chat", "talk"] };
  const wrongProtocol = "HAWSER_RESPONSE_SUBPROTOCOL";
  const wrongExtension = "HAWSER_RESPONSE_EXTENSIONS";
  rejects([
    ["a subprotocol when none was offered", wrongProtocol, protocol("chat")],
    ["another subprotocol than those offered", wrongProtocol, protocol("other"), chat],
    ["a subprotocol in another case", wrongProtocol, protocol("Chat"), chat],
    ["both subprotocols", wrongProtocol, protocol("chat, talk"), chat],
    ["two subprotocol fields", wrongProtocol, protocol(["chat", "chat"]), chat],
    ["an empty subprotocol", wrongProtocol, protocol(""), chat],
    ["constructor as the subprotocol", wrongProtocol, protocol("constructor"), chat],
    [
      "no subprotocol though some were offered",
      "HAWSER_RESPONSE_NO_SUBPROTOCOL",
      with101({}),
      chat,
    ],
    ["an unknown extension", wrongExtension, extension("x-unknown")],
    ["__proto__ as an extension", wrongExtension, extension("__proto__")],
    ["a malformed extension", wrongExtension, extension("permessage-deflate; =")],
    ["an unclosed quote of 15 KB", wrongExtension, extension(`x; a="${"a".repeat(15_000)}`)],
    ...["7", "16", "", '""', "015", "1e1", "-8"].map(
      (bits) =>
        [
          `window bits ${bits || "empty"}`,
          wrongExtension,
          extension(`permessage-deflate; server_max_window_bits=${bits}`),
        ] as const,
    ),
  ]);
});

describe("endless headers, bodies and interim responses", () => {
  /** Writes on and on until the client has enough. */
  const endless =
    (start: string, part: string): RawAnswer =>
    async (peer) => {
      peer.write(start);
      while (peer.ending === undefined) {
        peer.write(part);
        await turn();
      }
    };

  const start = "HTTP/1.1 101 Switching Protocols\r\n";
  const short = { handshakeTimeoutMs: 300 };
  for (const [title, code, how, options] of [
    ["endless headers", "HAWSER_RESPONSE_TOO_LARGE", endless(start, "X: y\r\n"), {}],
    [
      "one endless header",
      "HAWSER_RESPONSE_TOO_LARGE",
      endless(`${start}X: `, "y".repeat(4096)),
      {},
    ],
    ["an endless status line", "HAWSER_RESPONSE_TOO_LARGE", endless("HTTP/1.1 101 ", "y"), {}],
    [
      "129 headers",
      "HAWSER_RESPONSE_TOO_LARGE",
      with101(Object.fromEntries(Array.from({ length: 126 }, (_, i) => [`X-${i}`, ""]))),
      {},
    ],
    [
      "endless 100 Continue",
      "HAWSER_HANDSHAKE_TIMEOUT",
      endless("", "HTTP/1.1 100 \r\n\r\n".repeat(1_000)),
      short,
    ],
    [
      "an endless chunked body",
      "HAWSER_REFUSED",
      endless("HTTP/1.1 500 \r\nTransfer-Encoding: chunked\r\n\r\n", "5\r\nhello\r\n"),
      {},
    ],
    ["an endless body", "HAWSER_REFUSED", endless("HTTP/1.1 500 \r\n\r\n", "hello"), {}],
    [
      "a body that is promised and never comes",
      "HAWSER_REFUSED",
      "HTTP/1.1 500 \r\nContent-Length: 5\r\n\r\nhi",
      short,
    ],
    ["silence", "HAWSER_HANDSHAKE_TIMEOUT", "", short],
    ["silence within the headers", "HAWSER_HANDSHAKE_TIMEOUT", start, short],
  ] as const) {
    it(`${title}: ${code}, memory + < 1 MiB`, async () => {
      const base = await settledMemory();
      const error = await failsWith(code, how, options);
      assert.ok(error.body.length <= 16 * 1024);
      assert.ok((await settledMemory()) - base < MiB);
    });
  }
});

describe("a byte ≥ 0x80 in the response", () => {
  it("in a value: opaque data (RFC 9110 §5.5), so the connection opens", async () => {
    answer = accepting({ "X-Note": "caf\xe9 \xff" });
    const ws = await connect(raw.url);
    ws.terminate();
    await ws.closed;
  });

  const start = "HTTP/1.1 101 Switching Protocols\r\n";
  rejects([
    ["in a name", "HAWSER_RESPONSE_MALFORMED", with101({ "X-N\xf6te": "y" })],
    ["in Accept", "HAWSER_RESPONSE_ACCEPT", with101({ "Sec-WebSocket-Accept": "\xff" })],
    [
      "in the subprotocol",
      "HAWSER_RESPONSE_SUBPROTOCOL",
      with101({ "Sec-WebSocket-Protocol": "\xe9" }),
    ],
    ["in the version", "HAWSER_RESPONSE_MALFORMED", "HTTP/1.\xb2 101 OK\r\n\r\n"],
    ["NUL in a value", "HAWSER_RESPONSE_MALFORMED", `${start}X: a\0b\r\n\r\n`],
    ["CR in a value", "HAWSER_RESPONSE_MALFORMED", `${start}X: a\rb\r\n\r\n`],
    ["a line that ends with LF alone", "HAWSER_RESPONSE_MALFORMED", `${start}X: a\nY: b\r\n\r\n`],
    ["a folded line", "HAWSER_RESPONSE_MALFORMED", `${start}X: a\r\n b\r\n\r\n`],
    ["a space before the colon", "HAWSER_RESPONSE_MALFORMED", `${start}X : a\r\n\r\n`],
    ["a line without a colon", "HAWSER_RESPONSE_MALFORMED", `${start}X\r\n\r\n`],
  ]);
});

describe("the connection ends before the response does", () => {
  rejects([
    ["at once", "HAWSER_RESPONSE_CUT", (peer) => void peer.socket.end()],
    ["within the head", "HAWSER_RESPONSE_CUT", (peer) => void peer.socket.end("HTTP/1.1 101 Sw")],
    [
      "within the body: a refusal as far as it came",
      "HAWSER_REFUSED",
      (peer) => void peer.socket.end("HTTP/1.1 500 \r\nContent-Length: 9\r\n\r\nhi"),
    ],
  ]);

  it("a reset: HAWSER_RESPONSE_CUT with its cause", async () => {
    answer = (peer) => peer.reset();
    const error = await rejectionOf(connect(raw.url), "HAWSER_RESPONSE_CUT");
    assert.match((error.cause as Error).message, /ECONNRESET/);
  });

  it("nobody listens: a TransportError", async () => {
    const gone = await RawServer.listen(() => undefined);
    const { url } = gone;
    await gone.close();
    const error = await rejectionOf(connect(url), "HAWSER_CONNECT");
    assert.ok(error instanceof TransportError);
  });

  it("a reset right behind the 101: the connection opens and ends once, 1006", async () => {
    for (let i = 0; i < 20; i++) {
      const ended = deferred<number>();
      answer = async (peer, request) => {
        await accepting()(peer, request);
        for (let turns = i % 3; turns > 0; turns--) await turn();
        peer.reset();
      };
      await connect(raw.url, { message: () => undefined, close: (_, code) => ended.resolve(code) })
        .then(() => ended.promise)
        .then((code) => assert.equal(code, 1006))
        .catch((error: HawserError) => assert.equal(error.code, "HAWSER_RESPONSE_CUT"));
    }
  });
});
