// TLS of a server: certificates that are changed while connections go on, names (SNI), clients with
// certificates, versions, ALPN.

import assert from "node:assert/strict";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, before, describe, it } from "node:test";
import { connect as connectTls, createSecureContext, type TLSSocket } from "node:tls";
import {
  type ClientCertificate,
  connect,
  type Connection,
  type ConnectOptions,
  type Server,
  Server as HawserServer,
  UsageError,
} from "../../dist/index.js";
import { type Certificate, makeCertificate } from "../support/certificate.ts";
import { deferred } from "../support/deferred.ts";
import { rejectionOf } from "../support/rejection.ts";
import { Stage, type StageOptions } from "../support/stage.ts";

const stage = new Stage();
afterEach(() => stage.end());

let authority: Certificate;
let first: Certificate;
let second: Certificate;
let stranger: Certificate;
let ada: Certificate;
before(() => {
  authority = makeCertificate("authority");
  first = makeCertificate();
  second = makeCertificate();
  stranger = makeCertificate("stranger");
  ada = makeCertificate("Ada", authority);
});

function serveTls(tls: StageOptions["tls"], options: StageOptions = {}): Promise<Server> {
  return stage.serve({
    hostname: "localhost",
    tls: { ...first, ...tls },
    message: (ws, message) => void ws.send(message),
    ...options,
  });
}

const trusting = (...certificates: Certificate[]): ConnectOptions => ({
  tls: { ca: certificates.map(({ cert }) => cert) },
});

async function echo(ws: Connection): Promise<void> {
  ws.send("hello");
  const { value } = await ws[Symbol.asyncIterator]().next();
  assert.equal(value, "hello");
}

describe("setSecureContext", () => {
  it("the next handshake has the new certificate, open connections go on", async () => {
    const server = await serveTls({});
    const earlier = await stage.connect(server, trusting(first));
    server.setSecureContext(second);
    await rejectionOf(connect(server.url, trusting(first)), "HAWSER_CONNECT");
    const later = await stage.connect(server, trusting(second));
    await Promise.all([echo(earlier), echo(later)]);
    assert.equal(server.stats().connections, 2);
  });

  it("100 connections, 20 changes: none is lost", async () => {
    const server = await serveTls({});
    const both = trusting(first, second);
    const connections = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        if (index % 5 === 0) server.setSecureContext(index % 10 === 0 ? second : first);
        return stage.connect(server, both);
      }),
    );
    await Promise.all(connections.map(echo));
    assert.equal(server.stats().connections, 100);
  });

  it("what is not named stays: authorities, and the least version", async () => {
    const server = await serveTls({
      ca: authority.cert,
      requestCert: true,
      minVersion: "TLSv1.3",
    });
    server.setSecureContext(second);
    const tls = { ...trusting(second).tls, ...ada };
    const old = connect(server.url, { tls: { ...tls, maxVersion: "TLSv1.2" } });
    await rejectionOf(old, "HAWSER_CONNECT");
    assert.equal((await stage.connect(server, { tls })).state, "open");
    const none = connect(server.url, trusting(second));
    await rejectionOf(none, "HAWSER_RESPONSE_CUT");
  });

  it("what can't be used: HAWSER_OPTION_INVALID, and the old one stays", async () => {
    const server = await serveTls({});
    for (const tls of [
      { cert: second.cert, key: first.key },
      { cert: "none", key: "none" },
      { cert: second.cert, key: "" },
      { pfx: "none" },
      { cert: second.cert },
      { minVersion: "TLSv9" as never },
    ]) {
      assert.throws(
        () => server.setSecureContext(tls),
        (error) => error instanceof UsageError && error.code === "HAWSER_OPTION_INVALID",
      );
    }
    await echo(await stage.connect(server, trusting(first)));
  });

  it("a server without TLS, or that does not listen: HAWSER_NO_TLS", async () => {
    for (const server of [await stage.serve(), new HawserServer()]) {
      assert.throws(
        () => server.setSecureContext(second),
        (error) => error instanceof UsageError && error.code === "HAWSER_NO_TLS",
      );
    }
  });
});

describe("RFC 6066 §3 SNI", () => {
  it("SNICallback gives each name its certificate", async () => {
    const contexts = new Map([["other.example", createSecureContext(stranger)]]);
    const names: string[] = [];
    const server = await serveTls({
      SNICallback(name, done) {
        names.push(name);
        done(null, contexts.get(name));
      },
    });
    const shown = async (servername: string): Promise<string> => {
      const { port } = server.address() as AddressInfo;
      const { promise, resolve } = deferred<TLSSocket>();
      const socket = connectTls({ port, host: "localhost", servername, rejectUnauthorized: false });
      socket.once("secureConnect", () => resolve(socket));
      const { subject } = (await promise).getPeerCertificate();
      socket.destroy();
      return String(subject.CN);
    };
    assert.equal(await shown("other.example"), "stranger");
    assert.equal(await shown("localhost"), "localhost");
    const tls = { ca: first.cert, servername: "localhost" };
    await echo(await stage.connect(server, { tls }));
    assert.deepEqual(names, ["other.example", "localhost", "localhost"]);
  });

  it("a callback that fails ends that handshake and nothing else", async () => {
    const server = await serveTls({
      SNICallback: (name, done) =>
        done(name === "bad.example" ? new Error("no such name") : null, undefined),
    });
    const tls = { ca: first.cert, servername: "bad.example" };
    await rejectionOf(connect(server.url, { tls }), "HAWSER_CONNECT");
    await echo(await stage.connect(server, trusting(first)));
  });
});

describe("clients with certificates", () => {
  /** What `upgrade` saw of a client. */
  async function seen(
    own: Certificate | undefined,
    tls: StageOptions["tls"] = {},
  ): Promise<ClientCertificate | undefined> {
    const all: (ClientCertificate | undefined)[] = [];
    const server = await serveTls(
      { ca: authority.cert, requestCert: true, rejectUnauthorized: false, ...tls },
      {
        upgrade(request) {
          all.push(request.clientCertificate);
          return {};
        },
      },
    );
    const ws = await stage.connect(server, { tls: { ca: first.cert, ...own } });
    ws.terminate();
    assert.equal(all.length, 1);
    return all[0];
  }

  it("one that the authority vouches for", async () => {
    const client = await seen(ada);
    assert.equal(client?.certificate.subject.CN, "Ada");
    assert.equal(client?.isAuthorized, true);
    assert.equal(client?.reason, undefined);
    assert.match(client?.certificate.fingerprint256 ?? "", /^[\dA-F:]{95}$/);
  });

  it("one that nobody vouches for is there, and not authorized", async () => {
    const client = await seen(stranger);
    assert.equal(client?.certificate.subject.CN, "stranger");
    assert.equal(client?.isAuthorized, false);
    assert.equal(client?.reason, "DEPTH_ZERO_SELF_SIGNED_CERT");
  });

  it("none", async () => assert.equal(await seen(undefined), undefined));

  it("one that was not asked for", async () => {
    assert.equal(await seen(ada, { requestCert: false }), undefined);
  });

  it("without TLS there is none", async () => {
    let client: unknown = "unseen";
    const server = await stage.serve({
      open: (_ws, request) => (client = request.clientCertificate),
    });
    const ws = await stage.connect(server);
    ws.close();
    await ws.closed;
    assert.equal(client, undefined);
  });

  it("by default who has none does not get as far as `upgrade`", async () => {
    let count = 0;
    const server = await serveTls(
      { ca: authority.cert, requestCert: true },
      {
        upgrade() {
          count++;
          return {};
        },
      },
    );
    await rejectionOf(connect(server.url, trusting(first)), "HAWSER_RESPONSE_CUT");
    const tls = { ca: first.cert, ...stranger };
    await rejectionOf(connect(server.url, { tls }), "HAWSER_RESPONSE_CUT");
    assert.equal(count, 0);
    await echo(await stage.connect(server, { tls: { ca: first.cert, ...ada } }));
  });

  it("on a server that is attached", async () => {
    const https = createHttpsServer({
      ...first,
      ca: authority.cert,
      requestCert: true,
    });
    const names: unknown[] = [];
    const server = new HawserServer({
      upgrade({ clientCertificate }) {
        names.push(clientCertificate?.certificate.subject.CN, clientCertificate?.isAuthorized);
        return {};
      },
    });
    server.attach(https);
    const { promise, resolve } = deferred();
    https.listen(0, "localhost", resolve);
    await promise;
    const { port } = https.address() as AddressInfo;
    const ws = await connect(`wss://localhost:${port}`, { tls: { ca: first.cert, ...ada } });
    ws.close();
    await ws.closed;
    await server.close();
    https.close();
    assert.deepEqual(names, ["Ada", true]);
  });
});

describe("versions and ALPN", () => {
  it("minVersion: older clients fail in TLS", async () => {
    const server = await serveTls({ minVersion: "TLSv1.3" });
    const tls = { ca: first.cert, maxVersion: "TLSv1.2" } as const;
    const error = await rejectionOf(connect(server.url, { tls }), "HAWSER_CONNECT");
    assert.match(error.message, /\(TLS\)/);
    await echo(await stage.connect(server, trusting(first)));
  });

  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`${version} on both ends`, async () => {
      const server = await serveTls({});
      const tls = { ca: first.cert, minVersion: version, maxVersion: version };
      await echo(await stage.connect(server, { tls }));
    });
  }

  it("RFC 7301 http/1.1 is agreed on", async () => {
    const agreed: unknown[] = [];
    const server = await serveTls(
      {},
      {
        open: (_ws, { incoming }) => void agreed.push((incoming.socket as TLSSocket).alpnProtocol),
      },
    );
    const ws = await stage.connect(server, trusting(first));
    ws.close();
    await ws.closed;
    assert.deepEqual(agreed, ["http/1.1"]);
  });

  it("a protocol that the server does not speak: the phase is TLS", async () => {
    const server = await serveTls({});
    const tls = { ca: first.cert, ALPNProtocols: ["other"] };
    const error = await rejectionOf(connect(server.url, { tls }), "HAWSER_CONNECT");
    assert.match(error.message, /\(TLS\)/);
  });
});
