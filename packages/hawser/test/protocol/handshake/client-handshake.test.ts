import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nodePlatform } from "../../../dist/index.js";
import {
  type Accepted,
  ClientHandshake,
  type ClientRequest,
  type Extension,
  type ExtensionNegotiator,
  HandshakeError,
} from "../../../dist/protocol/index.js";
import { acceptFor } from "../../../dist/protocol/handshake/key.js";
import { decodeLatin1, encodeLatin1 } from "../../../dist/protocol/handshake/message-head.js";
import { splits } from "../conversation.js";

const wanted: ClientRequest = {
  target: "/chat?x=1",
  host: "server.example.com",
  protocols: [],
  extensions: [],
  headers: [],
};

const known: ExtensionNegotiator = {
  name: "x-a",
  offers: [
    { name: "x-a", parameters: [["p", "1"]] },
    { name: "x-a", parameters: [] },
  ],
  accept: () => undefined,
  confirm: (agreed) => ({ response: agreed, open: () => ({ name: "x-a" }) as Extension }),
};

function keyOf(handshake: ClientHandshake): string {
  return /Sec-WebSocket-Key: (.*)\r\n/.exec(decodeLatin1(handshake.request))?.[1] as string;
}

type Changes = Record<string, string | string[] | undefined>;

/** A good response to the handshake, with some lines changed; undefined leaves one out. */
function response(handshake: ClientHandshake, changes: Changes = {}): string {
  const lines: Changes = {
    "": "HTTP/1.1 101 Switching Protocols",
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Accept": acceptFor(nodePlatform, keyOf(handshake)),
    ...changes,
  };
  let text = "";
  for (const [name, value] of Object.entries(lines)) {
    for (const line of value === undefined ? [] : [value].flat()) {
      text += name === "" ? `${line}\r\n` : `${name}: ${line}\r\n`;
    }
  }
  return `${text}\r\n`;
}

function answer(changes: Changes, request: Partial<ClientRequest> = {}): Accepted | undefined {
  const handshake = new ClientHandshake(nodePlatform, { ...wanted, ...request });
  return handshake.receive(encodeLatin1(response(handshake, changes)));
}

function errorOf(run: () => unknown): HandshakeError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof HandshakeError);
    return error;
  }
  throw new Error("no error was thrown");
}

describe("client handshake: request", () => {
  it("§4.1 is a GET with the fields of the RFC", () => {
    const handshake = new ClientHandshake(nodePlatform, {
      ...wanted,
      protocols: ["chat", "superchat"],
      extensions: [known],
      headers: [["Cookie", "a=b"]],
    });
    assert.equal(
      decodeLatin1(handshake.request),
      "GET /chat?x=1 HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Key: ${keyOf(handshake)}\r\nSec-WebSocket-Version: 13\r\n` +
        "Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Extensions: x-a; p=1, x-a\r\nCookie: a=b\r\n\r\n",
    );
  });

  it("a Host of the user's replaces ours", () => {
    const handshake = new ClientHandshake(nodePlatform, {
      ...wanted,
      headers: [["host", "other"]],
    });
    const text = decodeLatin1(handshake.request);
    assert.match(text, /\r\nhost: other\r\n/);
    assert.doesNotMatch(text, /server\.example/);
  });

  it("§4.1 (10) refuses subprotocols that are no tokens or come twice, and fields that can't be sent", () => {
    for (const protocols of [["a", "a"], [""], ["a b"]]) {
      assert.throws(() => new ClientHandshake(nodePlatform, { ...wanted, protocols }), {
        code: "HAWSER_SUBPROTOCOL_INVALID",
      });
    }
    const headers = [["X", "a\r\nb"]] as const;
    assert.throws(() => new ClientHandshake(nodePlatform, { ...wanted, headers }), {
      code: "HAWSER_HEADER_INVALID",
    });
  });
});

describe("client handshake: accepted", () => {
  it("§4.1 at any split, and the frames behind the response are kept", () => {
    const sample = new ClientHandshake(nodePlatform, wanted);
    const size = response(sample).length + 4;
    for (const parts of splits(new Uint8Array(size))) {
      const cut = parts.map((part) => part.length);
      const handshake = new ClientHandshake(nodePlatform, wanted);
      const input = encodeLatin1(`${response(handshake)}\x81\x02hi`);
      let accepted: Accepted | undefined;
      let rest = "";
      let at = 0;
      for (const length of cut) {
        const part = input.subarray(at, at + length);
        at += length;
        if (accepted === undefined) {
          accepted = handshake.receive(part);
          rest += accepted === undefined ? "" : decodeLatin1(accepted.rest);
        } else rest += decodeLatin1(part);
      }
      assert.equal(accepted?.protocol, "");
      assert.equal(accepted.extension, undefined);
      assert.equal(rest, "\x81\x02hi");
    }
  });

  it("takes tokens in any case, a subprotocol and an extension that were offered", () => {
    const accepted = answer(
      {
        Upgrade: "WebSocket",
        Connection: "keep-alive, upgrade",
        "Sec-WebSocket-Protocol": "b",
        "Sec-WebSocket-Extensions": "x-a; p=1",
      },
      { protocols: ["a", "b"], extensions: [known] },
    );
    assert.equal(accepted?.protocol, "b");
    assert.equal(accepted.extension?.response.name, "x-a");
  });

  it("RFC 9110 §15.2 interim responses come before it", () => {
    const handshake = new ClientHandshake(nodePlatform, wanted);
    const text = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${response(handshake)}`;
    assert.ok(handshake.receive(encodeLatin1(text)) !== undefined);
  });
});

describe("client handshake: refused", () => {
  const rows: [code: string, name: string, changes: Changes, request?: Partial<ClientRequest>][] = [
    ["HAWSER_RESPONSE_UPGRADE", "no Upgrade", { Upgrade: undefined }],
    ["HAWSER_RESPONSE_UPGRADE", "another Upgrade", { Upgrade: "h2c" }],
    ["HAWSER_RESPONSE_UPGRADE", "a list in Upgrade", { Upgrade: "websocket, h2c" }],
    ["HAWSER_RESPONSE_UPGRADE", "two Upgrades", { Upgrade: ["websocket", "websocket"] }],
    ["HAWSER_RESPONSE_CONNECTION", "no Connection", { Connection: undefined }],
    ["HAWSER_RESPONSE_CONNECTION", "another Connection", { Connection: "close" }],
    ["HAWSER_RESPONSE_ACCEPT", "no Accept", { "Sec-WebSocket-Accept": undefined }],
    [
      "HAWSER_RESPONSE_ACCEPT",
      "a wrong Accept",
      { "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" },
    ],
    ["HAWSER_RESPONSE_ACCEPT", "two Accepts", { "Sec-WebSocket-Accept": ["a", "b"] }],
    [
      "HAWSER_RESPONSE_SUBPROTOCOL",
      "a subprotocol nobody asked for",
      { "Sec-WebSocket-Protocol": "a" },
    ],
    [
      "HAWSER_RESPONSE_SUBPROTOCOL",
      "another subprotocol",
      { "Sec-WebSocket-Protocol": "b" },
      { protocols: ["a"] },
    ],
    [
      "HAWSER_RESPONSE_SUBPROTOCOL",
      "two subprotocols",
      { "Sec-WebSocket-Protocol": ["a", "a"] },
      { protocols: ["a"] },
    ],
    ["HAWSER_RESPONSE_NO_SUBPROTOCOL", "none of the subprotocols", {}, { protocols: ["a"] }],
    [
      "HAWSER_RESPONSE_EXTENSIONS",
      "an extension nobody asked for",
      { "Sec-WebSocket-Extensions": "x-a" },
    ],
    [
      "HAWSER_RESPONSE_EXTENSIONS",
      "malformed extensions",
      { "Sec-WebSocket-Extensions": "x-a;" },
      { extensions: [known] },
    ],
    [
      "HAWSER_RESPONSE_EXTENSIONS",
      "two extensions",
      { "Sec-WebSocket-Extensions": "x-a, x-a" },
      { extensions: [known] },
    ],
    ["HAWSER_RESPONSE_MALFORMED", "no HTTP", { "": "ICY 200 OK" }],
    ["HAWSER_RESPONSE_MALFORMED", "a status of two digits", { "": "HTTP/1.1 10 x" }],
    ["HAWSER_RESPONSE_MALFORMED", "a status that is no number", { "": "HTTP/1.1 abc x" }],
    ["HAWSER_RESPONSE_MALFORMED", "no status", { "": "HTTP/1.1" }],
    ["HAWSER_RESPONSE_MALFORMED", "a broken line", { "": "HTTP/1.1 101 x\r\nbroken" }],
    ["HAWSER_RESPONSE_TOO_LARGE", "129 fields", { X: Array.from({ length: 129 }, String) }],
    ["HAWSER_RESPONSE_TOO_LARGE", "endless headers", { X: "x".repeat(20_000) }],
  ];
  for (const [code, name, changes, request] of rows) {
    it(`§4.1 ${code}: ${name}`, () => {
      assert.equal(errorOf(() => answer(changes, request)).code, code);
    });
  }

  it("a status other than 101 carries status, headers and body", () => {
    const error = errorOf(() =>
      answer({ "": "HTTP/1.1 401 No\r\nContent-Length: 2\r\nX: a\r\nX: b\r\n\r\nno" }),
    );
    assert.equal(error.code, "HAWSER_REFUSED");
    assert.equal(error.status, 401);
    assert.deepEqual(error.headers.get("x"), ["a", "b"]);
    assert.equal(error.body, "no");
  });

  it("the body may come in pieces, or be cut off by the end of the connection", () => {
    const handshake = new ClientHandshake(nodePlatform, wanted);
    assert.equal(handshake.isRefused, false);
    handshake.receive(encodeLatin1("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel"));
    assert.equal(handshake.isRefused, true);
    assert.equal(handshake.receive(encodeLatin1("lo")), undefined);
    const error = errorOf(() => handshake.end());
    assert.deepEqual([error.status, error.body], [200, "hello"]);
  });

  it("a body that is not UTF-8 is read as Latin-1", () => {
    const error = errorOf(() => answer({ "": "HTTP/1.1 500 x\r\nContent-Length: 1\r\n\r\n\xff" }));
    assert.equal(error.body, "ÿ");
  });

  it("an end before the response is an error of its own, with its cause", () => {
    const handshake = new ClientHandshake(nodePlatform, wanted);
    handshake.receive(encodeLatin1("HTTP/1.1 101"));
    const cause = new Error("ECONNRESET");
    const error = errorOf(() => handshake.end(cause));
    assert.deepEqual([error.code, error.status, error.cause], ["HAWSER_RESPONSE_CUT", 0, cause]);
  });
});
