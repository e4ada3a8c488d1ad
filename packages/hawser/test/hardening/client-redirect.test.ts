// Redirects of a client: followed only when it was told to, never from wss to ws, and another origin
// gets neither Cookie nor Authorization (RFC 9110 §15.4).

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type ConnectionOptions as TlsOptions, createSecureContext } from "node:tls";
import {
  type Connection,
  connect,
  type ConnectOptions,
  HandshakeError,
  type Server,
  serve,
} from "../../dist/index.js";
import { type Certificate, makeCertificate } from "../support/certificate.ts";
import { headText } from "../support/http-head.ts";
import { rejectionOf } from "../support/rejection.ts";
import { accepting, RawServer } from "../support/raw-server.ts";

const credentials = {
  Authorization: "Bearer secret",
  Cookie: "session=secret",
  "Proxy-Authorization": "Basic secret",
  Host: "first.example",
  "X-Other": "kept",
};

let first: RawServer;
let second: RawServer;
/** Where the first server sends clients that ask for "/away". */
let location = "";
let status = 302;

before(async () => {
  second = await RawServer.listen(accepting());
  first = await RawServer.listen((peer, request) => {
    if (request.startsWith("GET /here")) return accepting()(peer, request);
    peer.write(headText(`HTTP/1.1 ${status} Away`, { Location: location, "Content-Length": "0" }));
    return undefined;
  });
});
after(async () => {
  await first.close();
  await second.close();
});

async function follow(to: string, options: ConnectOptions = {}): Promise<Connection> {
  location = to;
  first.requests.length = 0;
  second.requests.length = 0;
  const ws = await connect(`${first.url}away`, { maxRedirects: 3, ...options });
  ws.terminate();
  await ws.closed;
  return ws;
}

describe("a redirect to another origin", () => {
  for (const code of [301, 302, 303, 307, 308]) {
    it(`${code}: Cookie and Authorization are stripped, other fields kept`, async () => {
      status = code;
      await follow(`${second.url}path?q=1`, { headers: credentials });
      status = 302;
      const request = second.requests[0] as string;
      assert.match(request, /^GET \/path\?q=1 HTTP\/1\.1\r\n/);
      assert.doesNotMatch(request, /secret|first\.example/);
      assert.match(request, /^X-Other: kept\r$/m);
      assert.match(request, new RegExp(`^Host: 127\\.0\\.0\\.1:${second.port}\\r$`, "m"));
      assert.match(first.requests[0] as string, /Bearer secret/);
    });
  }

  it("stripped fields do not come back when a later redirect leads to the first origin", async () => {
    const there = await RawServer.listen((peer) => {
      const fields = { Location: `${first.url}here`, "Content-Length": "0" };
      peer.write(headText("HTTP/1.1 302 Back", fields));
    });
    await follow(there.url, { headers: credentials });
    assert.doesNotMatch(first.requests[1] as string, /secret/);
    await there.close();
  });

  it("the user and password of the first URL are not sent", async () => {
    location = second.url;
    second.requests.length = 0;
    const url = first.url.replace("ws://", "ws://user:pass@");
    const ws = await connect(`${url}away`, { maxRedirects: 1 });
    assert.match(first.requests.at(-1) as string, /^Authorization: Basic dXNlcjpwYXNz\r$/m);
    assert.doesNotMatch(second.requests[0] as string, /Authorization/);
    ws.terminate();
  });
});

describe("a redirect within the origin", () => {
  it("keeps all fields", async () => {
    await follow("/here?again", { headers: credentials });
    const request = first.requests[1] as string;
    assert.match(request, /^GET \/here\?again HTTP\/1\.1\r\n/);
    for (const value of Object.values(credentials)) assert.ok(request.includes(value), value);
  });

  it("gets a key of its own", async () => {
    await follow("/here");
    const keys = first.requests.map((request) => /Sec-WebSocket-Key: (.*)/.exec(request)?.[1]);
    assert.notEqual(keys[0], keys[1]);
  });
});

describe("redirects that are not followed", () => {
  async function isRefused(to: string | undefined, maxRedirects: number): Promise<HandshakeError> {
    location = to ?? "";
    const attempt = connect(`${first.url}away`, { maxRedirects });
    const error = await rejectionOf<HandshakeError>(attempt, "HAWSER_REFUSED");
    assert.equal(error.status, status);
    return error;
  }

  it("by default none is", async () => {
    const error = await isRefused("/here", 0);
    assert.deepEqual(error.headers.get("location"), ["/here"]);
  });

  it("too many: the last one is the error", async () => {
    first.requests.length = 0;
    await isRefused("/away", 3);
    assert.equal(first.requests.length, 4);
  });

  for (const to of ["", "http://[", "ftp://localhost/", "/here#part", "javascript:alert(1)"]) {
    it(`a Location that is none: ${to || "(empty)"}`, async () => {
      // An empty one leads to the same place again, until there were too many.
      await isRefused(to, 1);
    });
  }

  for (const other of [300, 304, 305]) {
    it(`status ${other} is no redirect`, async () => {
      status = other;
      await isRefused("/here", 3);
      status = 302;
    });
  }
});

describe("wss → ws", () => {
  let certificate: Certificate;
  let secure: Server;
  before(async () => {
    certificate = makeCertificate();
    secure = await serve({
      hostname: "localhost",
      tls: certificate,
      upgrade({ url }) {
        if (url === "/here") return {};
        const to =
          url === "/plain"
            ? second.url
            : url === "/http"
              ? second.url.replace("ws:", "http:")
              : "/here";
        return new Response(null, { status: 302, headers: { location: to } });
      },
    });
  });
  after(() => secure.close());

  for (const path of ["/plain", "/http"]) {
    it(`is refused: ${path}`, async () => {
      second.requests.length = 0;
      const options = { maxRedirects: 3, tls: { ca: certificate.cert } };
      const error = await rejectionOf<HandshakeError>(connect(secure.url + path, options));
      assert.ok(error instanceof HandshakeError);
      assert.equal(error.status, 302);
      assert.deepEqual(second.requests, []);
    });
  }

  it("wss → wss is followed", async () => {
    const ws = await connect(`${secure.url}/other`, {
      maxRedirects: 1,
      tls: { ca: certificate.cert },
    });
    ws.close();
    await ws.closed;
  });

  it("ws → wss is followed", async () => {
    location = `${secure.url}/here`;
    const ws = await connect(`${first.url}away`, {
      maxRedirects: 1,
      tls: { ca: certificate.cert },
    });
    ws.close();
    await ws.closed;
  });
});

describe("who the client is in TLS is not said to another origin", () => {
  const certificate = makeCertificate();
  const { cert: ca } = certificate;
  let away: Server;
  let here: Server;
  /** The subject of the client's certificate at each server. */
  const seen: unknown[] = [];
  before(async () => {
    const tls = { ...certificate, requestCert: true, rejectUnauthorized: false };
    here = await serve({
      hostname: "localhost",
      tls,
      http2: true,
      upgrade({ clientCertificate }) {
        seen.push(clientCertificate?.certificate.subject.CN);
        return {};
      },
    });
    away = await serve({
      hostname: "localhost",
      tls,
      http2: true,
      upgrade({ clientCertificate }) {
        seen.push(clientCertificate?.certificate.subject.CN);
        return new Response(null, { status: 302, headers: { location: here.url } });
      },
    });
  });
  after(async () => {
    await away.close();
    await here.close();
  });

  const rows: Readonly<Record<string, () => TlsOptions>> = {
    "cert and key": () => ({ ...certificate, ca }),
    secureContext: () => ({ secureContext: createSecureContext({ ...certificate, ca }), ca }),
  };
  for (const [title, tls] of Object.entries(rows)) {
    for (const http of [1, 2] as const) {
      it(`${title}, HTTP/${http}`, async () => {
        seen.length = 0;
        const ws = await connect(away.url, { tls: tls(), maxRedirects: 1, http });
        ws.terminate();
        assert.deepEqual(seen, ["localhost", undefined]);
      });
    }
  }
});
