import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nodePlatform } from "../../../dist/index.js";
import { HandshakeError } from "../../../dist/protocol/index.js";
import { decodeLatin1, encodeLatin1 } from "../../../dist/protocol/handshake/message-head.js";
import { refusal, refusals, type RefusalCode } from "../../../dist/protocol/handshake/refusal.js";
import { headersFromRaw } from "../../../dist/protocol/handshake/headers.js";
import {
  checkRequest,
  fieldsOfWhole,
  type HandshakeRules,
  isHttpRequest,
  readWholeRequest,
  ServerHandshake,
  serializeAcceptance,
  serializeRefusal,
} from "../../../dist/protocol/handshake/server-handshake.js";
import { splits } from "../conversation.js";

const rules: HandshakeRules = {
  maxHeaderBytes: 2000,
  maxHeaders: 20,
  maxUrlBytes: 100,
  origins: [],
};

const good = {
  "": "GET /chat HTTP/1.1",
  Host: "server.example.com",
  Upgrade: "websocket",
  Connection: "Upgrade",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version": "13",
};

/** The request of RFC 6455 §1.2 with some lines changed; undefined leaves one out. */
function request(changes: Record<string, string | string[] | undefined> = {}): string {
  let text = "";
  for (const [name, value] of Object.entries({ ...good, ...changes })) {
    for (const line of value === undefined ? [] : [value].flat()) {
      text += name === "" ? `${line}\r\n` : `${name}: ${line}\r\n`;
    }
  }
  return `${text}\r\n`;
}

/** Reads it in the patient way; what the short one takes must be the same. */
function receive(text: string, given = rules): ReturnType<ServerHandshake["receive"]> {
  const whole = readWholeRequest(text, given);
  const result = new ServerHandshake(given).receive(encodeLatin1(text));
  if (whole !== undefined) {
    const { target, offer } = whole;
    assert.deepEqual(
      { ...result, headers: undefined },
      {
        method: "GET",
        httpVersion: "1.1",
        headers: undefined,
        target,
        ...offer,
      },
    );
    assert.deepEqual(headersFromRaw(fieldsOfWhole(whole)), result?.headers);
  }
  return result;
}

function codeOf(text: string, given = rules): string | undefined {
  try {
    receive(text, given);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof HandshakeError);
    return error.code;
  }
}

describe("server handshake: accepting", () => {
  it("§4.2.1 reads the RFC's request, at any split, and keeps the frames behind it", () => {
    const text = request({
      Origin: "http://server.example.com",
      "Sec-WebSocket-Protocol": "chat, superchat",
      "Sec-WebSocket-Extensions": "foo; bar=1",
    });
    for (const parts of splits(encodeLatin1(`${text}\x81\x80abcd`))) {
      const handshake = new ServerHandshake(rules);
      let result: ReturnType<ServerHandshake["receive"]>;
      let rest = "";
      for (const part of parts) {
        if (result === undefined) {
          result = handshake.receive(part);
          rest += decodeLatin1(handshake.rest);
        } else rest += decodeLatin1(part);
      }
      assert.equal(result?.target, "/chat");
      assert.equal(result.httpVersion, "1.1");
      assert.equal(result.key, good["Sec-WebSocket-Key"]);
      assert.equal(result.origin, "http://server.example.com");
      assert.deepEqual(result.protocols, ["chat", "superchat"]);
      assert.deepEqual(result.extensions, [{ name: "foo", parameters: [["bar", "1"]] }]);
      assert.equal(rest, "\x81\x80abcd");
    }
  });

  for (const [name, changes] of [
    ["names and tokens in any case", { Upgrade: "WebSocket", Connection: "keep-alive, UPGRADE" }],
    ["several Upgrade values", { Upgrade: ["h2c", "websocket"] }],
    ["no origin", {}],
    ["an IPv6 host", { Host: "[::1]:8080" }],
    ["a host with a port", { Host: "localhost:65535" }],
    ["an empty port", { Host: "localhost:" }],
    ["a Content-Length of 0", { "Content-Length": "0" }],
    ["a list over several lines", { Connection: ["keep-alive", "Upgrade"] }],
  ] as const) {
    it(`§4.2.1 accepts ${name}`, () => assert.equal(codeOf(request(changes as never)), undefined));
  }

  it("§4.2.2 answers as the RFC does", () => {
    const response = serializeAcceptance(nodePlatform, {
      key: good["Sec-WebSocket-Key"],
      protocol: "chat",
      extension: { name: "foo", parameters: [["bar", "1"]] },
      headers: [["Set-Cookie", "a=b"]],
    });
    assert.equal(
      decodeLatin1(response),
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n" +
        "Sec-WebSocket-Extensions: foo; bar=1\r\nSet-Cookie: a=b\r\n\r\n",
    );
    const plain = serializeAcceptance(nodePlatform, {
      key: good["Sec-WebSocket-Key"],
      protocol: "",
      extension: undefined,
      headers: [],
    });
    assert.equal(decodeLatin1(plain).split("\r\n").length, 6);
  });
});

describe("server handshake: refusing", () => {
  const rows: [RefusalCode, string, string][] = [
    ["HAWSER_METHOD", "a POST", request({ "": "POST / HTTP/1.1" })],
    ["HAWSER_HTTP_VERSION", "HTTP/1.0", request({ "": "GET / HTTP/1.0" })],
    ["HAWSER_URL_TOO_LONG", "a long URL", request({ "": `GET /${"x".repeat(100)} HTTP/1.1` })],
    ["HAWSER_HOST", "no Host", request({ Host: undefined })],
    ["HAWSER_HOST", "two Hosts", request({ Host: ["a", "b"] })],
    ...[
      "",
      "a b",
      "a/b",
      "a@b",
      "a:b",
      "a:80:80",
      "[::1",
      "[]",
      "::1",
      "a:123456",
      "a#b",
      "[::1]x",
    ].map((host): [RefusalCode, string, string] => [
      "HAWSER_HOST",
      `Host ${JSON.stringify(host)}`,
      request({ Host: host }),
    ]),
    ["HAWSER_UPGRADE_REQUIRED", "no Upgrade", request({ Upgrade: undefined })],
    ["HAWSER_UPGRADE", "another Upgrade", request({ Upgrade: "h2c" })],
    ["HAWSER_CONNECTION", "no Connection", request({ Connection: undefined })],
    ["HAWSER_CONNECTION", "another Connection", request({ Connection: "keep-alive" })],
    ["HAWSER_VERSION", "version 8", request({ "Sec-WebSocket-Version": "8" })],
    ["HAWSER_VERSION", "no version", request({ "Sec-WebSocket-Version": undefined })],
    ["HAWSER_KEY", "no key", request({ "Sec-WebSocket-Key": undefined })],
    ["HAWSER_KEY", "a short key", request({ "Sec-WebSocket-Key": "dGhlIHNhbXBsZQ==" })],
    [
      "HAWSER_KEY",
      "two keys",
      request({ "Sec-WebSocket-Key": [good["Sec-WebSocket-Key"], good["Sec-WebSocket-Key"]] }),
    ],
    ["HAWSER_SUBPROTOCOL", "a subprotocol twice", request({ "Sec-WebSocket-Protocol": "a, a" })],
    ["HAWSER_SUBPROTOCOL", "an empty subprotocol", request({ "Sec-WebSocket-Protocol": "" })],
    ["HAWSER_EXTENSIONS", "an unclosed quote", request({ "Sec-WebSocket-Extensions": 'a; b="c' })],
    ["HAWSER_VERSION", "two versions", request({ "Sec-WebSocket-Version": ["13", "13"] })],
    ["HAWSER_SUBPROTOCOL", "one in two lines", request({ "Sec-WebSocket-Protocol": ["a", "a"] })],
    ["HAWSER_BODY", "a Content-Length", request({ "Content-Length": "1" })],
    ["HAWSER_BODY", "two Content-Lengths", request({ "Content-Length": ["0", "0"] })],
    ["HAWSER_BODY", "a Transfer-Encoding", request({ "Transfer-Encoding": "chunked" })],
    ["HAWSER_ORIGIN", "another origin", request({ Origin: "http://evil.example" })],
    ["HAWSER_ORIGIN", "two origins", request({ Origin: ["http://a", "http://b"] })],
    ["HAWSER_HEADERS_TOO_LARGE", "21 fields", request({ X: Array.from({ length: 16 }, String) })],
    ["HAWSER_HEADERS_TOO_LARGE", "2,000 bytes of fields", request({ X: "x".repeat(2000) })],
    ["HAWSER_REQUEST_MALFORMED", "no colon", request({ "": "GET / HTTP/1.1\r\nx" })],
    ...["GET /", "GET / HTTP/1.1 x", "GET  HTTP/1.1", "G(T / HTTP/1.1", "GET / ICY/1.1", "GET"].map(
      (line): [RefusalCode, string, string] => [
        "HAWSER_REQUEST_MALFORMED",
        JSON.stringify(line),
        request({ "": line }),
      ],
    ),
    ["HAWSER_PIPELINED", "a second request", `${request()}GET /2 HTTP/1.1\r\n`],
  ];
  for (const [code, name, text] of rows) {
    it(`${refusals[code].rfc} ${code}: ${name}`, () => assert.equal(codeOf(text), code));
  }

  it("counts fields and their bytes itself, in a request that somebody else has parsed", () => {
    const raw = Object.entries(good).slice(1).flat();
    const check = (more: string[]): unknown =>
      checkRequest(
        {
          method: "GET",
          target: "/",
          httpVersion: "1.1",
          headers: headersFromRaw([...raw, ...more]),
        },
        rules,
      );
    check(Array.from({ length: 15 }, (_, i) => [`x${i}`, "y"]).flat());
    const tooLarge = { code: "HAWSER_HEADERS_TOO_LARGE", status: 431 };
    assert.throws(
      () => check(Array.from({ length: 16 }, (_, i) => [`x${i}`, "y"]).flat()),
      tooLarge,
    );
    assert.throws(() => check(["x", "y".repeat(1900)]), tooLarge);
  });

  it("writes a refusal as a whole response that ends the connection", () => {
    const text = decodeLatin1(serializeRefusal(nodePlatform, refusal("HAWSER_VERSION")));
    const [head, body] = text.split("\r\n\r\n") as [string, string];
    assert.match(head, /^HTTP\/1\.1 426 Upgrade Required\r\nConnection: close\r\n/);
    assert.match(head, /\r\nsec-websocket-version: 13/);
    assert.match(head, new RegExp(`\r\nContent-Length: ${body.length}\r\n`));
    const upgrade = decodeLatin1(
      serializeRefusal(nodePlatform, refusal("HAWSER_UPGRADE_REQUIRED")),
    );
    assert.match(upgrade, /\r\nConnection: Upgrade, close\r\n/);
    assert.match(upgrade, /\r\nupgrade: websocket\r\n/);
  });

  it("writes a status that has no name here, and a body that is not ASCII", () => {
    const error = new HandshakeError("HAWSER_X", "x", { status: 418, body: "é" });
    const text = decodeLatin1(serializeRefusal(nodePlatform, error));
    assert.equal(
      text,
      "HTTP/1.1 418 Refused\r\nConnection: close\r\nContent-Length: 2\r\n\r\n\xc3\xa9",
    );
  });
});

describe("server handshake: what follows", () => {
  it("tells a second HTTP request from frames", () => {
    for (const text of ["GET / HTTP/1.1", "POST /", "AB", "Z "]) {
      assert.equal(isHttpRequest(encodeLatin1(text)), true, text);
    }
    for (const text of ["", "G", "\x81\x85", "\x41\x85", "a ", "\x01\x80"]) {
      assert.equal(isHttpRequest(encodeLatin1(text)), false, text);
    }
  });
});

describe("server handshake: a request that lies whole in a text", () => {
  it("§4.2.1 is read in one go, and what follows is left", () => {
    const text = request({ "X-Other": "1", Origin: "http://server.example.com" });
    const whole = readWholeRequest(`${text}\x81\x80abcd`, rules);
    assert.equal(whole?.target, "/chat");
    assert.equal(whole.byteLength, text.length);
    assert.equal(whole.offer.origin, "http://server.example.com");
    assert.equal(fieldsOfWhole(whole).at(-1), "http://server.example.com");
    assert.equal(fieldsOfWhole(whole).length, 14);
  });

  for (const [what, text] of [
    ["that is cut off", request().slice(0, -1)],
    ["with another method", request({ "": "POST /chat HTTP/1.1" })],
    ["for a whole URL", request({ "": "GET http://a/chat HTTP/1.1" })],
    ["with another version", request({ "": "GET /chat HTTP/1.0" })],
    ["with a byte in its target that is not visible", request({ "": "GET /\xe9 HTTP/1.1" })],
    ["with two spaces", request({ "": "GET /chat  HTTP/1.1" })],
    ["whose first line ends early", "GET /chat"],
    ["that is refused", request({ "Sec-WebSocket-Version": "8" })],
    ["with a malformed line", request({ "X ": "1" })],
  ] as const) {
    it(`is left to more patient readers: one ${what}`, () => {
      assert.equal(readWholeRequest(text, rules), undefined);
    });
  }
});
