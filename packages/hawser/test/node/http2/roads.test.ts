// WebSockets over HTTP/2 on every road: through proxies, over streams of the user's, with client
// certificates; and sessions that are shared only by those who came the same way.

import assert from "node:assert/strict";
import { connect as connectTcp, type AddressInfo } from "node:net";
import { Agent } from "node:https";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, before, describe, it } from "node:test";
import {
  type ClientCertificate,
  connect,
  type Connection,
  type ConnectOptions,
  type HandshakeError,
  type Server,
} from "../../../dist/index.js";
import { type Certificate, makeCertificate } from "../../support/certificate.ts";
import { type ProxySettings, TestProxy } from "../../support/proxy.ts";
import { rejectionOf } from "../../support/rejection.ts";
import { Stage, type StageOptions } from "../../support/stage.ts";

const stage = new Stage();
const proxies: TestProxy[] = [];
afterEach(async () => {
  await stage.end();
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});

let authority: Certificate;
let certificate: Certificate;
let ada: Certificate;
before(() => {
  authority = makeCertificate("authority");
  certificate = makeCertificate();
  ada = makeCertificate("Ada", authority);
});

const versions: string[] = [];

function serveBoth(tls: StageOptions["tls"] = {}, options: StageOptions = {}): Promise<Server> {
  versions.length = 0;
  return stage.serve({
    hostname: "localhost",
    http2: true,
    tls: { ...certificate, ...tls },
    upgrade(request) {
      versions.push(request.httpVersion);
      return {};
    },
    message: (ws, message) => void ws.send(message),
    ...options,
  });
}

async function echo(ws: Connection): Promise<void> {
  ws.send("hello");
  const { value } = await ws[Symbol.asyncIterator]().next();
  assert.equal(value, "hello");
}

const options = (more: ConnectOptions = {}): ConnectOptions => ({
  http: 2,
  ...more,
  tls: { ca: certificate.cert, ...more.tls },
});

describe("through a proxy", () => {
  const kinds: readonly (readonly [string, (settings: ProxySettings) => Promise<TestProxy>])[] = [
    ["HTTP", (settings) => TestProxy.http(settings)],
    ["HTTPS", (settings) => TestProxy.http({ ...settings, tls: certificate })],
    ["SOCKS5", (settings) => TestProxy.socks(settings)],
  ];
  for (const [kind, start] of kinds) {
    it(`${kind}: several WebSockets on one tunnel`, async () => {
      const proxy = await start({ credentials: "a:b" });
      proxies.push(proxy);
      const server = await serveBoth();
      const through = options({
        proxy: { url: proxy.urlWith("a:b"), tls: { ca: certificate.cert } },
      });
      // The objects of options are compared by their members: a proxy has to be the same one.
      const all = await Promise.all([1, 2, 3].map(() => stage.connect(server, through)));
      await Promise.all(all.map(echo));
      assert.deepEqual(versions, ["2.0", "2.0", "2.0"]);
      assert.equal(proxy.tunnels.length, 1);
    });
  }

  it("a session is not shared by those who name another proxy, other credentials, or none", async () => {
    const first = await TestProxy.http();
    const second = await TestProxy.http();
    proxies.push(first, second);
    const server = await serveBoth();
    const roads = [first.url, second.url, first.urlWith("a:b"), undefined];
    for (const proxy of roads) {
      await echo(await stage.connect(server, options(proxy === undefined ? {} : { proxy })));
    }
    assert.deepEqual([first.connections, second.connections], [2, 1]);
  });

  it("a refusal of the proxy's is that, and not the lack of HTTP/2", async () => {
    const proxy = await TestProxy.http({ credentials: "a:b" });
    proxies.push(proxy);
    const server = await serveBoth();
    const attempt = connect(server.url, options({ proxy: proxy.url }));
    const error = await rejectionOf<HandshakeError>(attempt, "HAWSER_PROXY_AUTHENTICATION");
    assert.deepEqual([error.status, error.phase], [407, "proxy CONNECT"]);
  });

  it("the time is up while the server says nothing in HTTP/2: the phase is not TLS any more", async () => {
    const silent = createTlsServer({ ...certificate, ALPNProtocols: ["h2"] });
    silent.on("tlsClientError", () => undefined);
    await new Promise<void>((resolve) => {
      silent.listen(0, "localhost", resolve);
    });
    const { port } = silent.address() as AddressInfo;
    const attempt = connect(`wss://localhost:${port}`, options({ handshakeTimeoutMs: 150 }));
    const error = await rejectionOf<HandshakeError>(attempt, "HAWSER_HANDSHAKE_TIMEOUT");
    assert.equal(error.phase, "waiting for 101");
    silent.close();
  });

  it('"auto" with a server that has HTTP/1.1 only: the tunnel is used for that', async () => {
    const proxy = await TestProxy.http();
    proxies.push(proxy);
    const server = await serveBoth({}, { http2: false });
    await echo(await stage.connect(server, options({ http: "auto", proxy: proxy.url })));
    assert.deepEqual(versions, ["1.1"]);
    assert.equal(proxy.tunnels.length, 1);
  });
});

describe("over connections of the user's", () => {
  it("createConnection: TLS and ALPN are ours", async () => {
    const server = await serveBoth();
    const { port } = server.address() as AddressInfo;
    let count = 0;
    const own = options({
      createConnection() {
        count++;
        return connectTcp(port, "localhost");
      },
    });
    await Promise.all([
      echo(await stage.connect(server, own)),
      echo(await stage.connect(server, own)),
    ]);
    assert.equal(count, 1);
    assert.deepEqual(versions, ["2.0", "2.0"]);
  });

  it("agent: an https.Agent is asked for h2", async () => {
    const server = await serveBoth();
    await echo(await stage.connect(server, options({ agent: new Agent() })));
    assert.deepEqual(versions, ["2.0"]);
  });
});

describe("TLS of the server", () => {
  for (const http of [1, 2] as const) {
    it(`clientCertificate reaches upgrade over HTTP/${http}`, async () => {
      const seen: (ClientCertificate | undefined)[] = [];
      const server = await serveBoth(
        { ca: authority.cert, requestCert: true, rejectUnauthorized: false },
        {
          upgrade(request) {
            seen.push(request.clientCertificate);
            return {};
          },
        },
      );
      await echo(await stage.connect(server, options({ http, tls: ada })));
      await echo(await stage.connect(server, options({ http })));
      const told = seen.map((one) => [one?.certificate.subject.CN, one?.isAuthorized]);
      assert.deepEqual(told, [
        ["Ada", true],
        [undefined, undefined],
      ]);
    });

    it(`setSecureContext: connections over HTTP/${http} go on, the next has the new certificate`, async () => {
      const server = await serveBoth();
      const earlier = await stage.connect(server, options({ http }));
      const renewed = makeCertificate();
      server.setSecureContext(renewed);
      // Another road, for another authority is trusted: a session of its own.
      const later = await stage.connect(server, options({ http, tls: { ca: renewed.cert } }));
      await Promise.all([echo(earlier), echo(later)]);
    });
  }
});
