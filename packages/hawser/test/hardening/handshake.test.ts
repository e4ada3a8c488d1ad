// Opening handshakes that a server must refuse: each gets its status and the reason in the body, then
// the socket ends, and nobody else notices.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, afterEach, before, describe, it } from "node:test";
import { type Fields, headText, requestText } from "../support/http-head.ts";
import type { RawResponse } from "../support/raw-peer.ts";
import { Target } from "../support/target.ts";

interface Row {
  readonly title: string;
  readonly request: string;
  readonly status: number;
  /** A header field that the response must have. */
  readonly field?: readonly [name: string, value: string];
}

let target: Target;
before(async () => {
  target = await Target.start({ origins: ["https://good.example"], protocols: ["chat"] });
});
afterEach(() => target.check());
after(() => target.close());

async function answerTo(request: string): Promise<RawResponse> {
  const peer = await target.connect();
  peer.write(request);
  const response = await peer.readResponse();
  if (response.status === 101) {
    peer.destroy();
    return response;
  }
  assert.match(response.body, /\w+ .*\(RFC \d+ §.*\)\n$/, "the reason and its source");
  assert.equal(response.headers.get("connection")?.[0]?.includes("close"), true);
  assert.equal(await peer.waitForEnd(), "fin");
  peer.destroy();
  return response;
}

function refuses(rows: readonly Row[]): void {
  for (const { title, request, status, field } of rows) {
    it(`${title}: ${status}`, async () => {
      const response = await answerTo(request);
      assert.equal(response.status, status, response.startLine);
      if (field !== undefined) assert.deepEqual(response.headers.get(field[0]), [field[1]]);
      assert.equal(target.log.count("open"), 0);
    });
  }
}

/** A request that keeps all but these fields in order. */
const badFields = (title: string, status: number, fields: Fields): Row => ({
  title,
  request: requestText(fields),
  status,
});

describe("§4.2.1 (1) method and plain requests", () => {
  const allow = ["allow", "GET"] as const;
  const upgrade = ["upgrade", "websocket"] as const;
  const plain = { Host: "localhost" };
  refuses([
    ...["POST", "PUT", "DELETE", "OPTIONS"].map((method) => ({
      title: `${method} with an upgrade`,
      request: requestText({}, `${method} / HTTP/1.1`),
      status: 405,
      field: allow,
    })),
    {
      title: "POST without an upgrade",
      request: headText("POST / HTTP/1.1", { ...plain, "Content-Length": "0" }),
      status: 405,
      field: allow,
    },
    {
      title: "plain GET without upgrade",
      request: headText("GET / HTTP/1.1", plain),
      status: 426,
      field: upgrade,
    },
    {
      title: "GET with Connection: Upgrade but no Upgrade",
      request: requestText({ Upgrade: undefined }),
      status: 426,
      field: upgrade,
    },
    { ...badFields("GET with an empty Upgrade", 426, { Upgrade: "" }), field: upgrade },
    { title: "HTTP/1.0", request: requestText({}, "GET / HTTP/1.0"), status: 400 },
    { title: "no HTTP at all", request: "hello\r\n\r\n", status: 400 },
    {
      title: "a TLS greeting",
      request: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
      status: 400,
    },
  ]);
});

describe("§4.2.1 (5) key missing, short, long, twice", () => {
  const bytes = (count: number): string => Buffer.alloc(count, 1).toString("base64");
  const key = bytes(16);
  const name = "Sec-WebSocket-Key";
  refuses([
    badFields("key missing", 400, { [name]: undefined }),
    badFields("key empty", 400, { [name]: "" }),
    badFields("key short, 15 bytes", 400, { [name]: bytes(15) }),
    badFields("key long, 17 bytes", 400, { [name]: bytes(17) }),
    badFields("key long, 8 KB", 400, { [name]: bytes(6 * 1024) }),
    badFields("key twice", 400, { [name]: [key, key] }),
    badFields("two keys in one field", 400, { [name]: `${key}, ${key}` }),
    badFields("key not in base64", 400, { [name]: `*${key.slice(1)}` }),
    badFields("key with bits behind its end", 400, { [name]: "AQEBAQEBAQEBAQEBAQEBAR==" }),
  ]);
});

describe("§4.2.1 (3) (4) Upgrade or Connection wrong", () => {
  refuses([
    badFields("Upgrade to something else", 400, { Upgrade: "h2c" }),
    badFields("Upgrade almost right", 400, { Upgrade: "websockets" }),
    badFields("Connection missing", 400, { Connection: undefined }),
    badFields("Connection without Upgrade", 400, { Connection: "keep-alive" }),
    badFields("Connection almost right", 400, { Connection: "Upgraded" }),
  ]);
});

describe("§4.2.1 (2) malformed Host", () => {
  refuses([
    badFields("Host missing", 400, { Host: undefined }),
    badFields("Host empty", 400, { Host: "" }),
    badFields("Host twice", 400, { Host: ["localhost", "localhost"] }),
    badFields("Host with a space", 400, { Host: "local host" }),
    badFields("Host with a path", 400, { Host: "localhost/path" }),
    badFields("Host with a user", 400, { Host: "user@localhost" }),
    badFields("Host with a bad port", 400, { Host: "localhost:http" }),
    badFields("Host with an unclosed address", 400, { Host: "[::1" }),
    badFields("Host with a byte over 0x7f", 400, { Host: "l\xf6calhost" }),
  ]);
});

describe("§4.4 version not 13", () => {
  const name = "Sec-WebSocket-Version";
  const field = ["sec-websocket-version", "13"] as const;
  refuses(
    [
      badFields("version missing", 426, { [name]: undefined }),
      badFields("version 8", 426, { [name]: "8" }),
      badFields("version 14", 426, { [name]: "14" }),
      badFields("version 013", 426, { [name]: "013" }),
      badFields("version 13 and 8", 426, { [name]: "13, 8" }),
      badFields("version twice", 426, { [name]: ["13", "13"] }),
      badFields("version of 8 KB", 426, { [name]: "1".repeat(8_000) }),
    ].map((row) => ({ ...row, field })),
  );
});

describe("§11.3.4 subprotocols and §9.1 extensions, malformed, in under 5 ms", () => {
  const bestOf = 10;
  const limitMs = 5;
  const protocol = (value: string | string[]): Fields => ({ "Sec-WebSocket-Protocol": value });
  const extension = (value: string | string[]): Fields => ({ "Sec-WebSocket-Extensions": value });
  const rows = [
    badFields("subprotocol empty", 400, protocol("")),
    badFields("subprotocol with a space", 400, protocol("a b")),
    badFields("subprotocol quoted", 400, protocol('"chat"')),
    badFields("subprotocol with a slash", 400, protocol("v1/chat")),
    badFields("subprotocol twice", 400, protocol("chat, chat")),
    badFields("subprotocol twice in two fields", 400, protocol(["chat", "chat"])),
    badFields("subprotocol with 15 KB of spaces inside", 400, protocol(`b${" ".repeat(15_000)}x`)),
    badFields("7,500 empty subprotocols", 400, protocol(", ".repeat(7_500))),
    badFields("__proto__ twice as a subprotocol", 400, protocol("__proto__, __proto__")),
    badFields(
      "extension parameter with an unclosed quote of 16 KB",
      400,
      extension(`x; a="${"a".repeat(15_900)}`),
    ),
    badFields(
      "unclosed quote of 16 KB of backslashes",
      400,
      extension(`x; a="${"\\".repeat(15_900)}`),
    ),
    badFields("extension parameters without a name", 400, extension(`x${";".repeat(15_000)}`)),
    badFields("extension with 15 KB of spaces inside", 400, extension(`x${" ".repeat(15_000)}y`)),
    badFields(
      "extension constructor with a malformed parameter",
      400,
      extension("constructor; __proto__="),
    ),
  ];
  for (const { title, request, status } of rows) {
    it(`${title}: ${status} in under ${limitMs} ms`, async () => {
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i < bestOf; i++) {
        const peer = await target.connect();
        const started = performance.now();
        peer.write(request);
        const response = await peer.readResponse();
        best = Math.min(best, performance.now() - started);
        assert.equal(response.status, status);
        assert.notEqual(response.body, "");
        await peer.finish();
      }
      assert.ok(best < limitMs, `the fastest of ${bestOf} took ${best} ms`);
    });
  }

  const names = Object.getOwnPropertyNames(Object.prototype).join(", ");
  for (const [title, fields] of [
    ["subprotocols", protocol(names)],
    ["extensions", extension(names)],
    ["extension parameters", extension("permessage-deflate; constructor; __proto__=toString")],
  ] as const) {
    it(`the names of Object.prototype as ${title} are unknown names: none is agreed on`, async () => {
      const { status, headers } = await answerTo(requestText(fields));
      assert.equal(status, 101);
      assert.equal(headers.has("sec-websocket-protocol"), false);
      assert.equal(headers.has("sec-websocket-extensions"), false);
    });
  }
});

describe("more than 128 headers or 16 KiB; URL over 8 KiB", () => {
  const many = (count: number): Fields =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`X-${i}`, "y"]));
  const url = (bytes: number): string => `GET /${"u".repeat(bytes - 1)} HTTP/1.1`;
  refuses([
    badFields("129 headers", 431, many(129 - 5)),
    badFields("1,200 headers", 431, many(1_200)),
    badFields("3,000 headers", 431, many(3_000)),
    badFields("16 KiB and one byte in one header", 431, { "X-Long": "x".repeat(16 * 1024 + 1) }),
    badFields("1 MiB of headers", 431, { "X-Long": "x".repeat(1024 * 1024) }),
    {
      title: "URL of 8 KiB and one byte",
      request: requestText({}, url(8 * 1024 + 1)),
      status: 414,
    },
    { title: "URL of 64 KiB", request: requestText({}, url(64 * 1024)), status: 414 },
  ]);

  it("128 headers and a URL of 8 KiB are accepted", async () => {
    assert.equal((await answerTo(requestText(many(128 - 5)))).status, 101);
    assert.equal((await answerTo(requestText({}, url(8 * 1024)))).status, 101);
  });
});

describe("§10.2 Origin not allowed, null, look-alike prefix or suffix", () => {
  const refused = [
    "https://evil.example",
    "null",
    "",
    "https://good.example.evil.example",
    "https://evilgood.example",
    "https://good.example:444",
    "http://good.example",
    "https://good.example/",
    "https://evil.example/https://good.example",
    "https://good.example@evil.example",
    "https://localhost.evil.example",
    "https://evil-localhost",
    "http://localhost:81",
    "file://localhost",
    "*",
  ];
  refuses([
    ...refused.map((origin) => badFields(`Origin ${origin || "(empty)"}`, 403, { Origin: origin })),
    badFields("Origin twice", 403, { Origin: ["https://good.example", "https://good.example"] }),
  ]);

  for (const origin of ["https://good.example", "http://localhost", "https://LOCALHOST:443"]) {
    it(`Origin ${origin}: accepted`, async () => {
      assert.equal((await answerTo(requestText({ Origin: origin }))).status, 101);
    });
  }
});
