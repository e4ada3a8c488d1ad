// Connections that the user opens: `createConnection` and `agent`.

import assert from "node:assert/strict";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { type AddressInfo, connect as connectTcp } from "node:net";
import { Duplex, duplexPair } from "node:stream";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterEach, before, describe, it } from "node:test";
import {
  connect,
  type ConnectionTarget,
  type ConnectOptions,
  type Server,
  TransportError,
} from "../../../dist/index.js";
import { type Certificate, makeCertificate } from "../../support/certificate.ts";
import { deferred, within } from "../../support/deferred.ts";
import { headText } from "../../support/http-head.ts";
import { TestProxy } from "../../support/proxy.ts";
import { RawServer } from "../../support/raw-server.ts";
import { rejectionOf } from "../../support/rejection.ts";
import { Stage } from "../../support/stage.ts";

const stage = new Stage();
const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await stage.end();
  await Promise.all(closing.splice(0).map((one) => one.close()));
});

let certificate: Certificate;
before(() => {
  certificate = makeCertificate();
});

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

function echoing(tls?: Certificate): Promise<Server> {
  return stage.serve({
    ...(tls === undefined ? {} : { tls, hostname: "localhost" }),
    message: (ws, message) => void ws.send(message),
  });
}

async function talk(url: string, options: ConnectOptions): Promise<void> {
  const ws = await stage.connect(url, options);
  ws.send("hello");
  for await (const message of ws) {
    assert.equal(message, "hello");
    ws.close();
  }
  assert.equal((await ws.closed).wasClean, true);
}

/** A stream that is no socket, in front of one. */
function noSocket(port: number): Duplex {
  const [ours, theirs] = duplexPair();
  const socket = connectTcp(port, "127.0.0.1");
  theirs.pipe(socket).pipe(theirs);
  socket.on("error", () => theirs.destroy());
  theirs.on("close", () => socket.destroy()).on("error", () => undefined);
  return ours;
}

describe("createConnection", () => {
  it("gets host, port, whether TLS is wanted, and a signal", async () => {
    const server = await echoing();
    const asked: ConnectionTarget[] = [];
    await talk("ws://[fd00::1]:8080/path", {
      createConnection(to) {
        asked.push(to);
        return connectTcp(portOf(server), "127.0.0.1");
      },
    });
    const [{ signal, ...to }] = asked as [ConnectionTarget];
    assert.deepEqual(to, { host: "fd00::1", port: 8080, isSecure: false });
    assert.equal(signal.aborted, false);
  });

  for (const isSecure of [false, true]) {
    const title = isSecure ? "wss: TLS is spoken over it" : "ws";
    const options = { tls: { ca: "" } };
    before(() => void (options.tls.ca = certificate.cert));

    it(`${title}: a socket that is connecting`, async () => {
      const server = await echoing(isSecure ? certificate : undefined);
      const createConnection = () => connectTcp(portOf(server), "localhost");
      await talk(server.url, { ...options, createConnection });
    });

    it(`${title}: a promise of a socket that is connected`, async () => {
      const server = await echoing(isSecure ? certificate : undefined);
      await talk(server.url, {
        ...options,
        async createConnection() {
          const socket = connectTcp(portOf(server), "localhost");
          const { promise, resolve } = deferred();
          socket.once("connect", resolve);
          await promise;
          return socket;
        },
      });
    });

    it(`${title}: a stream that is no socket`, async () => {
      const server = await stage.serve({
        ...(isSecure ? { tls: certificate } : {}),
        message: (ws, message) => void ws.send(message),
      });
      const createConnection = () => noSocket(portOf(server));
      await talk(server.url, { ...options, createConnection });
    });
  }

  for (const isSecure of [false, true]) {
    for (const how of ["close", "terminate"] as const) {
      it(`${isSecure ? "wss" : "ws"}: after ${how}() the stream is destroyed`, async () => {
        const tls = isSecure ? { tls: certificate } : {};
        const server = await stage.serve({ ...tls, hostname: "127.0.0.1" });
        const stream = noSocket(portOf(server));
        const closed = deferred();
        stream.once("close", () => closed.resolve());
        const ws = await stage.connect(server, {
          tls: { ca: certificate.cert },
          createConnection: () => stream,
        });
        ws[how]();
        await ws.closed;
        await within(closed.promise, "the end of the stream");
      });
    }
  }

  it("wss: a TLSSocket is taken as it is", async () => {
    const server = await echoing(certificate);
    const sockets: TLSSocket[] = [];
    await talk(server.url, {
      createConnection: ({ host, port }) => {
        const socket = connectTls({ host, port, ca: certificate.cert, servername: host });
        sockets.push(socket);
        return socket;
      },
    });
    assert.equal(sockets.length, 1);
  });

  it("wss: a TLSSocket whose handshake is over", async () => {
    const server = await echoing(certificate);
    await talk(server.url, {
      async createConnection({ host, port }) {
        const socket = connectTls({ host, port, ca: certificate.cert, servername: host });
        const { promise, resolve } = deferred();
        socket.once("secureConnect", resolve);
        await promise;
        return socket;
      },
    });
  });

  it("wss: a TLSSocket that does not believe the server: HAWSER_CONNECT, TLS", async () => {
    const server = await echoing(certificate);
    const createConnection = ({ host, port }: ConnectionTarget) => connectTls({ host, port });
    const attempt = connect(server.url, { createConnection });
    const error = await rejectionOf<TransportError>(attempt, "HAWSER_CONNECT");
    assert.equal(error.phase, "TLS");
    assert.match(error.message, /self.signed/);
  });

  it("with a proxy it leads there, and TLS is with the server all the same", async () => {
    const proxy = await TestProxy.http();
    closing.push(proxy);
    const server = await echoing(certificate);
    const asked: string[] = [];
    await talk(server.url, {
      proxy: proxy.url,
      tls: { ca: certificate.cert },
      createConnection({ host, port }) {
        asked.push(`http://${host}:${port}`);
        return connectTcp(port, host);
      },
    });
    assert.deepEqual(asked, [proxy.url]);
  });

  it("is asked again where a redirect leads", async () => {
    const server = await echoing();
    const away = await RawServer.listen((peer) => {
      const location = "ws://second.example/";
      peer.write(headText("HTTP/1.1 302 Away", { Location: location, "Content-Length": "0" }));
    });
    closing.push(away);
    const asked: string[] = [];
    await talk("ws://first.example", {
      maxRedirects: 1,
      createConnection({ host }) {
        asked.push(host);
        return connectTcp(host === "first.example" ? away.port : portOf(server), "127.0.0.1");
      },
    });
    assert.deepEqual(asked, ["first.example", "second.example"]);
  });

  describe("failures", () => {
    const fails = async (
      createConnection: ConnectOptions["createConnection"],
      why: RegExp,
    ): Promise<void> => {
      const attempt = connect("ws://a.example", createConnection ? { createConnection } : {});
      const error = await rejectionOf<TransportError>(attempt, "HAWSER_CONNECT");
      assert.ok(error instanceof TransportError);
      assert.equal(error.phase, "createConnection");
      assert.match(error.message, why);
    };
    const thrown = new Error("no road");

    it("it throws", () => fails(() => assert.fail(thrown), /\(createConnection\): no road/));
    it("it rejects", () => fails(() => Promise.reject(thrown), /no road/));
    it("it rejects with no Error", () => fails(() => Promise.reject("no way"), /no way/));

    it("its socket can't connect", async () => {
      const server = await stage.serve();
      const port = portOf(server);
      await server.close();
      await fails(() => connectTcp(port, "127.0.0.1"), /ECONNREFUSED/);
    });

    it("its stream has ended", async () => {
      const stream = new Duplex({ read: () => undefined });
      stream.destroy();
      await fails(() => stream, /has ended/);
    });

    it("it gives no stream: HAWSER_OPTION_INVALID", async () => {
      const createConnection = () => undefined as never;
      const attempt = connect("ws://a.example", { createConnection });
      await rejectionOf(attempt, "HAWSER_OPTION_INVALID");
    });

    it("the time is up: the signal says so, and a stream that comes late is destroyed", async () => {
      const late = deferred<Duplex>();
      const aborted = deferred();
      const attempt = connect("ws://a.example", {
        handshakeTimeoutMs: 50,
        createConnection({ signal }) {
          signal.addEventListener("abort", () => aborted.resolve());
          return late.promise;
        },
      });
      const error = await rejectionOf<TransportError>(attempt, "HAWSER_HANDSHAKE_TIMEOUT");
      assert.equal(error.phase, "createConnection");
      await aborted.promise;
      const [stream] = duplexPair();
      const closed = deferred();
      stream.once("close", () => closed.resolve());
      late.resolve(stream);
      await closed.promise;
    });
  });
});

describe("agent", () => {
  it("ws: an http.Agent opens the connection", async () => {
    const server = await echoing();
    const asked: unknown[] = [];
    const agent = new HttpAgent();
    const original = agent.createConnection.bind(agent);
    agent.createConnection = (options, done) => {
      asked.push([options.host, options.port]);
      return original(options, done);
    };
    await talk(server.url, { agent });
    assert.deepEqual(asked, [["127.0.0.1", portOf(server)]]);
  });

  it("wss: an https.Agent opens the connection, with the option tls", async () => {
    const server = await echoing(certificate);
    await talk(server.url, { agent: new HttpsAgent(), tls: { ca: certificate.cert } });
  });

  it("wss: over what an http.Agent opens, TLS is spoken", async () => {
    const server = await echoing(certificate);
    await talk(server.url, { agent: new HttpAgent(), tls: { ca: certificate.cert } });
  });

  it("one that calls back", async () => {
    const server = await echoing();
    const agent = {
      createConnection(_options: unknown, done?: (error: Error | null, stream: Duplex) => void) {
        const socket = connectTcp(portOf(server), "127.0.0.1");
        socket.once("connect", () => done?.(null, socket));
        return undefined;
      },
    };
    await talk("ws://a.example", { agent });
  });

  it("one that calls back with an error: HAWSER_CONNECT", async () => {
    const agent = {
      createConnection(_options: unknown, done?: (error: Error | null, stream: Duplex) => void) {
        done?.(new Error("no road"), undefined as never);
        return undefined;
      },
    };
    const error = await rejectionOf(connect("ws://a.example", { agent }), "HAWSER_CONNECT");
    assert.match(error.message, /no road/);
  });

  it("is not taken to another origin by a redirect: its certificate is for one", async () => {
    const away = await RawServer.listen((peer) => {
      const location = "ws://second.example/";
      peer.write(headText("HTTP/1.1 302 Away", { Location: location, "Content-Length": "0" }));
    });
    closing.push(away);
    const attempt = connect(away.url, { agent: new HttpAgent(), maxRedirects: 1 });
    await rejectionOf(attempt, "HAWSER_REFUSED");
  });
});

describe("roads that exclude each other: HAWSER_OPTION_INVALID", () => {
  const agent = new HttpAgent();
  const createConnection = () => connectTcp(1);
  const rows: ConnectOptions[] = [
    { unix: "/a", agent },
    { unix: "/a", createConnection },
    { agent, createConnection },
    { unix: "/a", proxy: "http://p.example" },
    { agent, proxy: "environment" },
    { agent: {} as never },
    { createConnection: 1 as never },
  ];
  for (const [index, options] of rows.entries()) {
    it(`${Object.keys(options).join(" and ")} (${index + 1})`, async () => {
      await rejectionOf(connect("ws://a.example", options), "HAWSER_OPTION_INVALID");
    });
  }
});
