// Through proxies that work: HTTP, HTTPS and SOCKS5, for ws and wss, with and without credentials; and what
// the proxy and the server get to see of each other's.

import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { afterEach, before, describe, it } from "node:test";
import { connect, type ConnectOptions, type Server, UsageError } from "../../../dist/index.js";
import { bytesOfIPv6 } from "../../../dist/node/dial/socks5.js";
import { type Certificate, makeCertificate } from "../../support/certificate.ts";
import { headText } from "../../support/http-head.ts";
import { type ProxySettings, TestProxy } from "../../support/proxy.ts";
import { accepting, RawServer } from "../../support/raw-server.ts";
import { rejectionOf } from "../../support/rejection.ts";
import { Stage } from "../../support/stage.ts";

const stage = new Stage();
const closing: { close(): Promise<void> }[] = [];
const saved = { ...process.env };
afterEach(async () => {
  await stage.end();
  await Promise.all(closing.splice(0).map((one) => one.close()));
  process.env = { ...saved };
});

let certificate: Certificate;
before(() => {
  certificate = makeCertificate();
});

function keep<One extends { close(): Promise<void> }>(one: One): One {
  closing.push(one);
  return one;
}

/** A server that greets at once: its first frame may come with the 101. */
function greeting(tls?: Certificate): Promise<Server> {
  return stage.serve({
    ...(tls === undefined ? {} : { tls, hostname: "localhost" }),
    open: (ws) => void ws.send("welcome"),
    message: (ws, message) => void ws.send(message),
  });
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** Connects, and has one message there and back. */
async function talk(url: string, options: ConnectOptions): Promise<void> {
  const ws = await stage.connect(url, options);
  ws.send("hello");
  const messages: unknown[] = [];
  for await (const message of ws) if (messages.push(message) === 2) ws.close();
  assert.deepEqual(messages, ["welcome", "hello"]);
}

const kinds: readonly (readonly [string, (settings: ProxySettings) => Promise<TestProxy>])[] = [
  ["HTTP", (settings) => TestProxy.http(settings)],
  ["HTTPS", (settings) => TestProxy.http({ ...settings, tls: certificate })],
  ["SOCKS5", (settings) => TestProxy.socks(settings)],
];

for (const [kind, start] of kinds) {
  describe(`${kind} proxy`, () => {
    const through = (url: string): ConnectOptions => ({
      proxy: { url, tls: { ca: certificate.cert } },
      tls: { ca: certificate.cert },
    });

    for (const isSecure of [false, true]) {
      const scheme = isSecure ? "wss" : "ws";

      it(`${scheme} goes through it`, async () => {
        const proxy = keep(await start({}));
        const server = await greeting(isSecure ? certificate : undefined);
        await talk(server.url, through(proxy.url));
        assert.equal(proxy.connections, 1);
        assert.deepEqual(proxy.tunnels, [new URL(server.url).host]);
        const isReadable = proxy.sent.includes("Sec-WebSocket-Key");
        assert.equal(isReadable, !isSecure, "TLS is with the server, not with the proxy");
      });

      it(`${scheme}: with a user and a password, decoded`, async () => {
        const proxy = keep(await start({ credentials: "us@r:p%ss wörd" }));
        const server = await greeting(isSecure ? certificate : undefined);
        const url = proxy.urlWith("us%40r:p%25ss%20w%C3%B6rd");
        await talk(server.url, through(url));
        assert.ok(!proxy.sent.includes("Proxy-"), "nothing of the proxy's reaches the server");
      });

      it(`${scheme}: what it says comes one byte a read`, async () => {
        const proxy = keep(await start({ credentials: "a:b", isSlow: true }));
        const server = await greeting(isSecure ? certificate : undefined);
        await talk(server.url, through(proxy.urlWith("a:b")));
      });
    }

    for (const isSecure of [false, true]) {
      for (const how of ["close", "terminate"] as const) {
        it(`${isSecure ? "wss" : "ws"}: after ${how}() nothing of the tunnel is left`, async () => {
          const proxy = keep(await start({}));
          const server = await greeting(isSecure ? certificate : undefined);
          const ws = await stage.connect(server, through(proxy.url));
          ws[how]();
          await ws.closed;
          await proxy.idle();
        });
      }
    }

    it("names are the proxy's to find", async () => {
      const server = await greeting();
      const routes = new Map([["only.the.proxy.knows.example", portOf(server)]]);
      const proxy = keep(await start({ routes }));
      await talk("ws://only.the.proxy.knows.example", through(proxy.url));
      assert.deepEqual(proxy.tunnels, ["only.the.proxy.knows.example:80"]);
    });

    it("an IPv6 address", async () => {
      const proxy = keep(await start({}));
      const server = await stage.serve({ hostname: "::1", open: (ws) => ws.close() });
      const ws = await stage.connect(server, through(proxy.url));
      await ws.closed;
      assert.deepEqual(proxy.tunnels, [`::1:${portOf(server)}`]);
    });

    it("without credentials that it wants: HAWSER_PROXY_AUTHENTICATION", async () => {
      const proxy = keep(await start({ credentials: "a:b" }));
      const server = await stage.serve();
      for (const url of [proxy.url, proxy.urlWith("a:wrong-secret")]) {
        const error = await rejectionOf(
          connect(server.url, through(url)),
          "HAWSER_PROXY_AUTHENTICATION",
        );
        assert.match(error.message, /the proxy 127\.0\.0\.1:\d+ \((proxy CONNECT|SOCKS5)\)/);
        assert.doesNotMatch(error.message, /secret/);
      }
    });

    it("it can't reach the server: HAWSER_PROXY_REFUSED", async () => {
      const proxy = keep(await start({}));
      const server = await stage.serve();
      const { url } = server;
      await server.close();
      await rejectionOf(connect(url, through(proxy.url)), "HAWSER_PROXY_REFUSED");
    });

    it("nobody listens there: HAWSER_CONNECT names the proxy, and not its password", async () => {
      const proxy = await start({});
      const url = proxy.urlWith("user:secret");
      await proxy.close();
      const error = await rejectionOf(connect("ws://example.com", through(url)), "HAWSER_CONNECT");
      assert.match(error.message, /can't connect to the proxy 127\.0\.0\.1:\d+ \(TCP connect\)/);
      assert.doesNotMatch(error.message, /secret|user/);
    });

    it("a certificate of the server's that does not fit: the phase is TLS", async () => {
      const proxy = keep(await start({}));
      const server = await greeting(certificate);
      const { tls: _tls, ...options } = through(proxy.url);
      const error = await rejectionOf(connect(server.url, options), "HAWSER_CONNECT");
      assert.match(error.message, /can't connect to localhost:\d+ \(TLS\)/);
    });
  });
}

describe("socks5: looks names up here, socks5h: has the proxy do it", () => {
  for (const [scheme, expected] of [
    ["socks5", "127.0.0.1"],
    ["socks5h", "name.example"],
  ]) {
    it(`${scheme}:`, async () => {
      const server = await greeting();
      const port = portOf(server);
      const routes = new Map([["name.example", port]]);
      const proxy = keep(await TestProxy.socks({ routes }));
      const url = proxy.url.replace("socks5h", scheme as string);
      const asked: string[] = [];
      await talk(`ws://name.example:${port}`, {
        proxy: url,
        tcp: {
          lookup(name, _options, done) {
            asked.push(name);
            done(null, [{ address: "127.0.0.1", family: 4 }]);
          },
        },
      });
      assert.deepEqual(proxy.tunnels, [`${expected}:${port}`]);
      assert.deepEqual(asked, scheme === "socks5" ? ["name.example"] : []);
    });
  }

  it("a name that is none: HAWSER_CONNECT, SOCKS5", async () => {
    const proxy = keep(await TestProxy.socks());
    const attempt = connect("ws://name.example", {
      proxy: proxy.url.replace("socks5h", "socks5"),
      tcp: { lookup: (_name, _options, done) => done(new Error("not found"), []) },
    });
    const error = await rejectionOf(attempt, "HAWSER_CONNECT");
    assert.match(error.message, /name\.example:80 \(SOCKS5\): not found/);
  });

  for (const [address, hex] of [
    ["::", "00".repeat(16)],
    ["::1", `${"00".repeat(15)}01`],
    ["2001:db8::ff00:42:8329", "20010db8000000000000ff0000428329"],
    ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
    ["fe80::", `fe80${"00".repeat(14)}`],
    ["::ffff:10.0.0.1", `${"00".repeat(10)}ffff0a000001`],
  ] as const) {
    it(`the bytes of ${address}`, () => {
      assert.equal(Buffer.from(bytesOfIPv6(address)).toString("hex"), hex);
    });
  }
});

describe("credentials stay with whom they are for", () => {
  const secrets = { Authorization: "Bearer server-secret", Cookie: "a=server-secret" };

  it("the server's don't reach the proxy, the proxy's don't reach the server", async () => {
    const proxy = keep(await TestProxy.http({ credentials: "user:proxy-secret" }));
    const server = keep(await RawServer.listen(accepting()));
    const url = server.url.replace("ws://", "ws://me:server-secret@");
    const ws = await stage.connect(url, {
      proxy: { url: proxy.urlWith("user:proxy-secret"), headers: { "X-For": "proxy" } },
      headers: { Cookie: "a=server-secret" },
    });
    ws.terminate();
    const encoded = (text: string): string => Buffer.from(text).toString("base64");
    const [connectRequest = ""] = proxy.requests;
    const [request = ""] = server.requests;
    assert.match(connectRequest, /X-For: proxy/);
    assert.ok(connectRequest.includes(encoded("user:proxy-secret")));
    assert.doesNotMatch(connectRequest, /^(Authorization|Cookie):/m);
    assert.ok(!connectRequest.includes(encoded("me:server-secret")));
    assert.match(request, /Cookie: a=server-secret/);
    assert.ok(request.includes(encoded("me:server-secret")));
    assert.doesNotMatch(request, /Proxy-|X-For/);
  });

  it("a redirect to another origin: the server's are stripped, and the proxy gets its own again", async () => {
    const proxy = keep(await TestProxy.http({ credentials: "user:proxy-secret" }));
    const second = keep(await RawServer.listen(accepting()));
    const first = keep(
      await RawServer.listen((peer) => {
        peer.write(headText("HTTP/1.1 302 Away", { Location: second.url, "Content-Length": "0" }));
      }),
    );
    const ws = await stage.connect(first.url, {
      proxy: proxy.urlWith("user:proxy-secret"),
      headers: secrets,
      maxRedirects: 1,
    });
    ws.terminate();
    assert.equal(proxy.requests.length, 2);
    for (const request of proxy.requests) assert.match(request, /Proxy-Authorization: Basic/);
    assert.match(first.requests[0] as string, /server-secret/);
    assert.doesNotMatch(second.requests[0] as string, /server-secret|Proxy-/);
  });

  it("a redirect away from what NO_PROXY has: each server's own way", async () => {
    const proxy = keep(await TestProxy.http());
    const second = keep(await RawServer.listen(accepting()));
    const first = keep(
      await RawServer.listen((peer) => {
        const location = second.url.replace("127.0.0.1", "localhost");
        peer.write(headText("HTTP/1.1 302 Away", { Location: location, "Content-Length": "0" }));
      }),
    );
    process.env["http_proxy"] = proxy.url;
    process.env["no_proxy"] = "127.0.0.1";
    const ws = await stage.connect(first.url, { proxy: "environment", maxRedirects: 1 });
    ws.terminate();
    assert.deepEqual(proxy.tunnels, [`localhost:${second.port}`]);
  });

  it("Proxy-Authorization among the server's header fields: HAWSER_HEADER_INVALID", async () => {
    const options = { proxy: "http://p.example", headers: { "proxy-Authorization": "Basic x" } };
    const error = await rejectionOf(connect("ws://a.example", options), "HAWSER_HEADER_INVALID");
    assert.match(error.message, /proxy\.headers/);
  });

  it("a header field of the proxy's that can't be sent: HAWSER_HEADER_INVALID", async () => {
    for (const headers of [{ "X-A": "b\r\nX-C: d" }, { Host: "x" }, { "Content-Length": "1" }]) {
      const proxy = { url: "http://p.example", headers };
      await rejectionOf(connect("ws://a.example", { proxy }), "HAWSER_HEADER_INVALID");
    }
  });
});

describe('proxy: "environment"', () => {
  it("is only read when it is asked for", async () => {
    const proxy = keep(await TestProxy.http());
    const server = await greeting();
    process.env["http_proxy"] = proxy.url.replace("http://", "");
    await talk(server.url, {});
    assert.equal(proxy.connections, 0);
    await talk(server.url, { proxy: "environment" });
    assert.equal(proxy.connections, 1);
    await talk(server.url, { proxy: new URL(proxy.url) });
    assert.equal(proxy.connections, 2);
    process.env["no_proxy"] = new URL(server.url).host;
    await talk(server.url, { proxy: "environment" });
    assert.equal(proxy.connections, 2);
  });

  it("a value that is no URL: HAWSER_OPTION_INVALID with the variable's name, without its value", async () => {
    process.env["ALL_PROXY"] = "ftp://user:secret@host";
    const attempt = connect("ws://a.example", { proxy: "environment" });
    const error = await rejectionOf(attempt, "HAWSER_OPTION_INVALID");
    assert.match(error.message, /the environment's ALL_PROXY/);
    assert.doesNotMatch(error.message, /secret/);
  });
});

describe("a proxy that is none: HAWSER_OPTION_INVALID, before anything is dialled", () => {
  for (const proxy of [
    "",
    "proxy:3128",
    "user:secret@proxy:3128",
    "ftp://user:secret@proxy",
    "socks4://user:secret@proxy",
    "socks://user:secret@proxy",
    "http://user:secret@",
    "socks5://user:secret@:99999",
    "environments",
    `socks5://${"u".repeat(256)}:secret@proxy`,
    "socks5://user@proxy",
    { url: "ftp://user:secret@proxy" },
    {} as never,
    null as never,
    true as never,
  ]) {
    it(JSON.stringify(proxy).slice(0, 60), async () => {
      const error = await rejectionOf(
        connect("ws://a.example", { proxy }),
        "HAWSER_OPTION_INVALID",
      );
      assert.ok(error instanceof UsageError);
      assert.doesNotMatch(`${error.message} ${String(error.cause)}`, /secret/);
    });
  }

  it("a user that is not percent-encoded", async () => {
    const attempt = connect("ws://a.example", { proxy: "http://us%er:secret@proxy" });
    const error = await rejectionOf(attempt, "HAWSER_URL_INVALID");
    assert.doesNotMatch(error.message, /secret/);
  });
});
