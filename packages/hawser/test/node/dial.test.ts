import assert from "node:assert/strict";
import { createServer, type Server as TcpServer } from "node:net";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, describe, it } from "node:test";
import { connect, type Server, TransportError, UsageError } from "../../dist/index.js";
import { parseUrl } from "../../dist/node/dial.js";
import { type Certificate, makeCertificate } from "../support/certificate.ts";
import { deferred } from "../support/deferred.ts";
import { rejectionOf } from "../support/rejection.ts";
import { Stage } from "../support/stage.ts";

const stage = new Stage();
afterEach(() => stage.end());

describe("parseUrl", () => {
  for (const [url, isSecure, host, target] of [
    ["ws://localhost", false, "localhost", "/"],
    ["ws://localhost:80/", false, "localhost", "/"],
    ["ws://localhost:8080/a/b?c=d&e", false, "localhost:8080", "/a/b?c=d&e"],
    ["wss://localhost:443/", true, "localhost", "/"],
    ["wss://localhost:80/", true, "localhost:80", "/"],
    ["http://example.com?x", false, "example.com", "/?x"],
    ["https://example.com/", true, "example.com", "/"],
    ["WS://EXAMPLE.com/Path", false, "example.com", "/Path"],
    ["ws://[::1]:9000/", false, "[::1]:9000", "/"],
    ["ws://user:pass@localhost/", false, "localhost", "/"],
    ["ws://bücher.example/ü", false, "xn--bcher-kva.example", "/%C3%BC"],
    ["ws://localhost/#", false, "localhost", "/"],
  ] as const) {
    it(url, () => {
      const parsed = parseUrl(url);
      assert.deepEqual([parsed.isSecure, parsed.host, parsed.target], [isSecure, host, target]);
    });
  }

  it("relative to a base, as a Location may be", () => {
    const base = new URL("wss://example.com/a/b");
    assert.equal(parseUrl("c", base).url.href, "wss://example.com/a/c");
    assert.equal(parseUrl("//other.example/", base).url.href, "wss://other.example/");
  });

  for (const [url, why] of [
    ["", /is no URL/],
    ["localhost:8080", /begins with ws: or wss:, not localhost:/],
    ["/path", /is no URL/],
    ["ws://", /is no URL/],
    ["ws://host:99999/", /is no URL/],
    ["ftp://localhost/", /not ftp:/],
    ["file:///etc/passwd", /not file:/],
    ["javascript:alert(1)", /not javascript:/],
    ["ws://localhost/#part", /has no fragment/],
  ] as const) {
    it(`${url || "(empty)"} is none: HAWSER_URL_INVALID`, async () => {
      const error = await rejectionOf(connect(url), "HAWSER_URL_INVALID");
      assert.ok(error instanceof UsageError);
      assert.match(error.message, why);
    });
  }
});

describe("dial: TCP", () => {
  it("nobody listens: HAWSER_CONNECT, with the address and the cause", async () => {
    const server = await stage.serve();
    const { url } = server;
    await server.close();
    const error = await rejectionOf(connect(url), "HAWSER_CONNECT");
    assert.ok(error instanceof TransportError);
    assert.match(
      error.message,
      /can't connect to 127\.0\.0\.1:\d+ \(TCP connect\): .*ECONNREFUSED/,
    );
    assert.equal((error.cause as NodeJS.ErrnoException).code, "ECONNREFUSED");
  });

  it("a name with several addresses, of which none answers: all are named", async () => {
    const server = await stage.serve();
    const { port } = server.address() as AddressInfo;
    await server.close();
    const error = await rejectionOf(connect(`ws://localhost:${port}`), "HAWSER_CONNECT");
    assert.match(error.message, /ECONNREFUSED/);
  });

  it("IPv6", async () => {
    const server = await stage.serve({ hostname: "::1" });
    assert.equal((await stage.connect(server)).state, "open");
  });
});

describe("dial: TLS", () => {
  let certificate: Certificate;
  let server: Server;
  before(async () => {
    certificate = makeCertificate();
  });
  async function serveTls(): Promise<string> {
    server = await stage.serve({ tls: certificate, hostname: "localhost" });
    return server.url;
  }

  it("with the CA it trusts", async () => {
    const url = await serveTls();
    const ws = await stage.connect(url, { tls: { ca: certificate.cert } });
    assert.equal(ws.state, "open");
  });

  it("an address needs no name: no SNI, but its certificate has to fit", async () => {
    const names: unknown[] = [];
    const secure = await stage.serve({
      tls: {
        ...certificate,
        SNICallback: (name, done) => {
          names.push(name);
          done(null);
        },
      },
      hostname: "127.0.0.1",
    });
    const ws = await stage.connect(secure, { tls: { ca: certificate.cert } });
    assert.equal(ws.state, "open");
    assert.deepEqual(names, []);
  });

  it("names are sent as SNI", async () => {
    const names: unknown[] = [];
    const secure = await stage.serve({
      tls: {
        ...certificate,
        SNICallback: (name, done) => {
          names.push(name);
          done(null);
        },
      },
      hostname: "localhost",
    });
    await stage.connect(secure, { tls: { ca: certificate.cert } });
    assert.deepEqual(names, ["localhost"]);
  });

  it("a certificate that nobody vouches for: HAWSER_CONNECT", async () => {
    const url = await serveTls();
    const error = await rejectionOf(connect(url), "HAWSER_CONNECT");
    assert.match(error.message, /\(TLS\): .*self.signed/);
    assert.equal([...server.connections].length, 0);
  });

  it("a certificate for another name: HAWSER_CONNECT", async () => {
    const url = await serveTls();
    const tls = { ca: certificate.cert, servername: "other.example" };
    const error = await rejectionOf(connect(url, { tls }), "HAWSER_CONNECT");
    assert.match(error.message, /other\.example/);
  });

  it("a server that speaks no TLS: HAWSER_CONNECT", async () => {
    const plain = await stage.serve();
    await rejectionOf(connect(plain.url.replace("ws:", "wss:")), "HAWSER_CONNECT");
  });

  it("a client of ws where wss is spoken: HandshakeError", async () => {
    const url = await serveTls();
    await rejectionOf(connect(url.replace("wss:", "ws:")), "HAWSER_RESPONSE_CUT");
  });

  describe("a server that accepts TCP and says nothing", () => {
    let silent: TcpServer;
    let url = "";
    before(async () => {
      silent = createServer();
      const { promise, resolve } = deferred();
      silent.listen(0, "127.0.0.1", resolve);
      await promise;
      url = `wss://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    });
    after(() => void silent.close());

    it("the time-out covers TLS", async () => {
      const connecting = connect(url, { handshakeTimeoutMs: 60 });
      await rejectionOf(connecting, "HAWSER_HANDSHAKE_TIMEOUT");
    });

    it("a signal ends it", async () => {
      const abort = new AbortController();
      const reason = new Error("enough");
      const connecting = rejectionOf(connect(url, { signal: abort.signal }));
      await new Promise((resolve) => {
        silent.once("connection", resolve);
      });
      abort.abort(reason);
      assert.equal(await connecting, reason);
    });
  });
});
