import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nodePlatform } from "../../../dist/index.js";
import { HandshakeError, UsageError } from "../../../dist/protocol/index.js";
import {
  acceptanceFields,
  checkConnect,
  ConnectHandshake,
} from "../../../dist/protocol/handshake/extended-connect.js";
import type { HandshakeRules } from "../../../dist/protocol/handshake/server-handshake.js";
import type { ExtensionNegotiator } from "../../../dist/protocol/handshake/negotiation.js";

const rules: HandshakeRules = {
  maxHeaderBytes: 2000,
  maxHeaders: 20,
  maxUrlBytes: 100,
  origins: ["https://page.example.com"],
};

/** The request of RFC 8441 §5.1. */
const good: Readonly<Record<string, string | undefined>> = {
  ":method": "CONNECT",
  ":protocol": "websocket",
  ":scheme": "https",
  ":path": "/chat",
  ":authority": "server.example.com",
  "sec-websocket-protocol": "chat, superchat",
  "sec-websocket-extensions": "permessage-deflate",
  "sec-websocket-version": "13",
  origin: "https://server.example.com",
};

function raw(changes: Record<string, string | undefined> = {}): string[] {
  return Object.entries({ ...good, ...changes }).flatMap(([name, value]) =>
    value === undefined ? [] : [name, value],
  );
}

function refusedWith(fields: string[]): string {
  let said = "nothing";
  try {
    const result = checkConnect(fields, rules);
    assert.equal(result, "malformed");
    return "malformed";
  } catch (error) {
    assert.ok(error instanceof HandshakeError);
    said = `${error.status} ${error.code}`;
  }
  return said;
}

describe("extended CONNECT: a server's checks", () => {
  it("RFC 8441 §5.1: the request of the example is in order", () => {
    assert.deepEqual(checkConnect(raw(), rules), {
      key: "",
      origin: "https://server.example.com",
      protocols: ["chat", "superchat"],
      extensions: [{ name: "permessage-deflate", parameters: [] }],
    });
  });

  for (const [title, changes] of [
    [
      "without lists and without an origin",
      { "sec-websocket-protocol": undefined, origin: undefined },
    ],
    ["http, for a server behind a proxy that has the TLS", { ":scheme": "http" }],
    ["Host in the place of :authority (RFC 9113 §8.3.1)", { ":authority": undefined, host: "a:1" }],
    ["Host and :authority that are the same", { host: "server.example.com" }],
    ["a listed origin", { origin: "https://page.example.com" }],
    ["a body of no bytes", { "content-length": "0" }],
    ["RFC 8441 §5: a key, which is not looked at", { "sec-websocket-key": "no key" }],
    ["the name of the protocol in another case", { ":protocol": "WebSocket" }],
  ] as [string, Record<string, string | undefined>][]) {
    it(`in order: ${title}`, () => {
      const changed = { ...changes, ...(changes["host"] === "a:1" ? { origin: undefined } : {}) };
      assert.notEqual(checkConnect(raw(changed), rules), "malformed");
    });
  }

  for (const [title, fields] of [
    ["RFC 8441 §4: without :scheme", raw({ ":scheme": undefined })],
    ["RFC 8441 §4: without :path", raw({ ":path": undefined })],
    ["RFC 8441 §4: :protocol with another method", raw({ ":method": "GET" })],
    ["a CONNECT without :protocol", raw({ ":protocol": undefined })],
    ["RFC 9113 §8.2.2: Upgrade", raw({ upgrade: "websocket" })],
    ["RFC 9113 §8.2.2: Connection", raw({ connection: "Upgrade" })],
    ["RFC 9113 §8.2.2: Transfer-Encoding", raw({ "transfer-encoding": "chunked" })],
    ["RFC 9113 §8.2.1: a name in upper case", raw({ "X-Upper": "1" })],
    ["RFC 9113 §8.3: an unknown pseudo-header field", [":status", "200", ...raw()]],
    ["RFC 9113 §8.3: a pseudo-header field twice", [":path", "/a", ...raw()]],
    ["RFC 9113 §8.3: a pseudo-header field behind others", ["a", "b", ...raw()]],
    ["RFC 9113 §8.3.1: Host and :authority that differ", raw({ host: "other.example.com" })],
  ] as [string, string[]][]) {
    it(`malformed: ${title}`, () => {
      assert.equal(refusedWith(fields), "malformed");
    });
  }

  const many = Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`x-${i}`, ""]));
  for (const [answer, title, changes] of [
    [
      "501 HAWSER_CONNECT_PROTOCOL",
      "RFC 9220 §3: an unknown protocol",
      { ":protocol": "connect-udp" },
    ],
    ["414 HAWSER_URL_TOO_LONG", "a long path", { ":path": `/${"a".repeat(100)}` }],
    ["431 HAWSER_HEADERS_TOO_LARGE", "a large field", { "x-large": "a".repeat(2000) }],
    ["431 HAWSER_HEADERS_TOO_LARGE", "many fields", many],
    ["400 HAWSER_CONNECT_TARGET", "a scheme of something else", { ":scheme": "ftp" }],
    ["400 HAWSER_CONNECT_TARGET", "a path that is none", { ":path": "*" }],
    ["400 HAWSER_CONNECT_TARGET", "no host at all", { ":authority": undefined }],
    ["400 HAWSER_CONNECT_TARGET", "a user in the authority", { ":authority": "a@b" }],
    ["400 HAWSER_BODY", "a body", { "content-length": "1" }],
    ["426 HAWSER_VERSION", "no version", { "sec-websocket-version": undefined }],
    ["426 HAWSER_VERSION", "another version", { "sec-websocket-version": "8" }],
    ["403 HAWSER_ORIGIN", "another origin", { origin: "https://server.example.com.evil" }],
    ["400 HAWSER_SUBPROTOCOL", "a subprotocol twice", { "sec-websocket-protocol": "a, a" }],
    ["400 HAWSER_EXTENSIONS", "an unclosed quote", { "sec-websocket-extensions": 'a; b="' }],
  ] as [string, string, Record<string, string | undefined>][]) {
    it(`${answer}: ${title}`, () => {
      assert.equal(refusedWith(raw(changes)), answer);
    });
  }
});

describe("extended CONNECT: a server's answer", () => {
  it("RFC 8441 §5: status 200 with what was agreed on, and the user's fields in lower case", () => {
    const extension = { name: "x", parameters: [["y", "1"]] as const };
    const headers: [string, string][] = [["Set-Cookie", "a=1"]];
    assert.deepEqual(acceptanceFields({ protocol: "chat", extension, headers }), [
      [":status", "200"],
      ["sec-websocket-protocol", "chat"],
      ["sec-websocket-extensions", "x; y=1"],
      ["set-cookie", "a=1"],
    ]);
    assert.deepEqual(acceptanceFields({ protocol: "", extension: undefined, headers: [] }), [
      [":status", "200"],
    ]);
  });

  it("RFC 9113 §8.2.2: a user's field about the connection is the user's mistake", () => {
    for (const name of ["Connection", "Keep-Alive", "Upgrade", "Sec-WebSocket-Accept", ":status"]) {
      const headers: [string, string][] = [[name, "x"]];
      assert.throws(
        () => acceptanceFields({ protocol: "", extension: undefined, headers }),
        UsageError,
      );
    }
  });
});

const extension: ExtensionNegotiator = {
  name: "x",
  offers: [{ name: "x", parameters: [] }],
  accept: () => undefined,
  confirm: () => undefined,
};

function client(changes: object = {}): ConnectHandshake {
  const wanted = {
    target: "/chat",
    host: "server.example.com",
    protocols: ["chat"],
    extensions: [extension],
    headers: [["X-One", "1"]] as [string, string][],
    ...changes,
  };
  return new ConnectHandshake(nodePlatform, wanted, "https");
}

describe("extended CONNECT: a client's side", () => {
  it("RFC 8441 §5.1: asks without a key, Upgrade or Connection", () => {
    assert.deepEqual(client().fields, [
      [":method", "CONNECT"],
      [":protocol", "websocket"],
      [":scheme", "https"],
      [":authority", "server.example.com"],
      [":path", "/chat"],
      ["sec-websocket-version", "13"],
      ["sec-websocket-protocol", "chat"],
      ["sec-websocket-extensions", "x"],
      ["x-one", "1"],
    ]);
  });

  it("a Host of the user's is the :authority; what is not offered is not there", () => {
    const { fields } = client({ protocols: [], extensions: [], headers: [["Host", "other"]] });
    assert.deepEqual(fields.slice(3), [
      [":authority", "other"],
      [":path", "/chat"],
      ["sec-websocket-version", "13"],
    ]);
  });

  it("what can't be sent is the user's mistake", () => {
    assert.throws(() => client({ protocols: ["a", "a"] }), UsageError);
    assert.throws(() => client({ headers: [["a b", "1"]] }), UsageError);
    assert.throws(() => client({ headers: [["Upgrade", "websocket"]] }), UsageError);
  });

  it("any 2xx is a yes, with what was agreed on (RFC 9110 §9.3.6)", () => {
    const fields = ["sec-websocket-protocol", "chat"];
    for (const status of [200, 204, 299]) {
      const agreed = client().receive(status, fields);
      assert.deepEqual(agreed, { protocol: "chat", extension: undefined });
    }
    assert.throws(() => client().receive(200, []), HandshakeError);
  });

  it("anything else is a no, told with its status, fields and body", () => {
    const handshake = client();
    for (const status of [101, 199, 300, 401]) {
      assert.equal(handshake.receive(status, ["x", "y"]), "refused");
    }
    assert.throws(
      () => handshake.refuse(401, ["x", "y"], Uint8Array.of(0x6e, 0x6f)),
      (error) => {
        assert.ok(error instanceof HandshakeError);
        const { code, status, headers, body } = error;
        assert.deepEqual([code, status, body], ["HAWSER_REFUSED", 401, "no"]);
        return headers.get("x")?.[0] === "y";
      },
    );
  });
});
