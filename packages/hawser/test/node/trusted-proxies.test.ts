// The client as trusted proxies tell it, and only they: address, host and scheme, the check of the origin, and
// the same for plain requests.

import assert from "node:assert/strict";
import { connect as connectSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import {
  connect,
  HandshakeError,
  serve,
  type ServerOptions,
  UsageError,
} from "../../dist/index.js";
import { TrustedProxies } from "../../dist/node/trusted-proxies.js";
import { makeCertificate } from "../support/certificate.ts";
import { type Fields, requestText } from "../support/http-head.ts";
import { Stage } from "../support/stage.ts";

const stage = new Stage();
afterEach(() => stage.end());

interface Facts {
  readonly ip: string | undefined;
  readonly host: string | undefined;
  readonly isSecure: boolean;
}

/** Status of the response, and what the hook was told. In two packets Node's HTTP server reads the request. */
async function ask(
  options: ServerOptions,
  fields: Fields,
  isSplit = false,
): Promise<{ status: number; facts: Facts | undefined }> {
  let facts: Facts | undefined;
  const server = await stage.serve({
    ...options,
    upgrade({ ip, host, isSecure }) {
      facts = { ip, host, isSecure };
      return {};
    },
  });
  const peer = await stage.dial(server);
  const text = requestText(fields, "GET / HTTP/1.1");
  if (isSplit)
    await new Promise<void>((resolve) => peer.socket.write(text.slice(0, 20), () => resolve()));
  peer.write(isSplit ? text.slice(20) : text);
  const { status } = await peer.readHead();
  return { status, facts };
}

const proxied = {
  "X-Forwarded-For": "6.6.6.6, 192.0.2.1",
  "X-Forwarded-Proto": "https",
  "X-Forwarded-Host": "a.example",
};
const told = { ip: "192.0.2.1", host: "a.example", isSecure: true };
const socketOnly = { ip: "127.0.0.1", host: "example.com", isSecure: false };

describe("trustedProxies", () => {
  for (const isSplit of [false, true]) {
    const reader = isSplit ? "read by Node" : "read whole";
    it(`by default nothing that a client claims is believed, ${reader}`, async () => {
      const fields = { Host: "example.com", ...proxied, Forwarded: "for=192.0.2.1" };
      assert.deepEqual((await ask({}, fields, isSplit)).facts, socketOnly);
      const others = { trustedProxies: ["10.0.0.0/8", "127.0.0.2", "::/0"] };
      assert.deepEqual((await ask(others, fields, isSplit)).facts, socketOnly);
    });

    it(`what a trusted proxy says is believed, ${reader}`, async () => {
      const fields = { Host: "inner:8080", ...proxied, Forwarded: "for=6.6.6.6;host=evil" };
      const { status, facts } = await ask({ trustedProxies: ["127.0.0.0/8"] }, fields, isSplit);
      assert.equal(status, 101);
      assert.deepEqual(facts, told);
    });

    it(`RFC 6455 §10.2 the origin is compared with the host that the proxy was asked for, ${reader}`, async () => {
      const trusting = { trustedProxies: ["127.0.0.1"] };
      const statusOf = async (options: ServerOptions, origin: string): Promise<number> =>
        (await ask(options, { Host: "inner:8080", Origin: origin, ...proxied }, isSplit)).status;
      assert.equal(await statusOf(trusting, "https://a.example"), 101);
      assert.equal(await statusOf(trusting, "https://inner:8080"), 403);
      assert.equal(await statusOf(trusting, "https://a.example.evil.example"), 403);
      assert.equal(
        await statusOf({ ...trusting, origins: ["https://b.example"] }, "https://b.example"),
        101,
      );
      assert.equal(await statusOf({ ...trusting, origins: "*" }, "https://c.example"), 101);
      // From an address that is not trusted only Host counts.
      const others = { trustedProxies: ["10.0.0.1"] };
      assert.equal(await statusOf(others, "https://a.example"), 403);
      assert.equal(await statusOf(others, "https://inner:8080"), 101);
    });
  }

  it("RFC 7239 is read instead when that is what the proxies write", async () => {
    const options = { trustedProxies: ["127.0.0.1"], proxyHeaders: "forwarded" } as const;
    const header = 'for=6.6.6.6, for="[2001:db8::7]:1234";proto=wss;host="a.example:8443"';
    const { facts } = await ask(options, { Host: "inner", ...proxied, Forwarded: header });
    assert.deepEqual(facts, { ip: "2001:db8::7", host: "a.example:8443", isSecure: true });
    const lines = { Host: "inner", Forwarded: ["for=6.6.6.6", "for=192.0.2.1;proto=http"] };
    const two = await ask(options, lines);
    assert.deepEqual(two.facts, { ip: "192.0.2.1", host: "inner", isSecure: false });
  });

  it("a proxy that hides the client, or that was lied to, gives no address", async () => {
    const trusting = { trustedProxies: ["127.0.0.1"] };
    for (const chain of ["unknown", "_hidden", "", "localhost", "1.2.3", "192.0.2.1, evil"]) {
      const { facts } = await ask(trusting, { Host: "inner", "X-Forwarded-For": chain });
      assert.deepEqual(facts, { ip: undefined, host: "inner", isSecure: false }, chain);
    }
    const lied = { Host: "inner", Forwarded: ['for="', "for=192.0.2.1;host=a.example"] };
    const { facts } = await ask({ ...trusting, proxyHeaders: "forwarded" }, lied);
    assert.deepEqual(facts, { ip: undefined, host: "inner", isSecure: false });
  });

  it("without a word of a client it is the proxy's own request", async () => {
    const trusting = { trustedProxies: ["127.0.0.1"] };
    const { facts } = await ask(trusting, { Host: "inner", "X-Forwarded-Proto": "gopher" });
    assert.deepEqual(facts, { ip: "127.0.0.1", host: "inner", isSecure: false });
    const both = await ask({ ...trusting, proxyHeaders: "forwarded" }, { Host: "inner" });
    assert.deepEqual(both.facts, { ip: "127.0.0.1", host: "inner", isSecure: false });
  });

  it("a host that is none is not believed", async () => {
    const trusting = { trustedProxies: ["127.0.0.1"] };
    for (const host of ["a.example/x", "a b", "[", "a.example:port"]) {
      const { facts } = await ask(trusting, { Host: "inner", "X-Forwarded-Host": host });
      assert.equal(facts?.host, "inner", host);
    }
  });

  it("RFC 8441 it is the same over HTTP/2, the check of the origin too", async () => {
    const tls = makeCertificate();
    const seen: Facts[] = [];
    const server = await stage.serve({
      tls,
      http2: true,
      trustedProxies: ["127.0.0.1"],
      upgrade({ ip, host, isSecure }) {
        seen.push({ ip, host, isSecure });
        return {};
      },
    });
    const client = { http: 2, tls: { ca: tls.cert, servername: "localhost" } } as const;
    const headers = { ...proxied, origin: "https://a.example" };
    await stage.connect(server, { ...client, headers });
    assert.deepEqual(seen, [told]);
    const evil = { ...proxied, origin: "https://evil.example" };
    await assert.rejects(connect(server.url, { ...client, headers: evil }), { status: 403 });
  });

  it("plain requests have the client's address and URL, too", async () => {
    const seen: unknown[] = [];
    const server = await stage.serve({
      trustedProxies: ["127.0.0.1"],
      fetch(request, { ip }) {
        seen.push([request.url, ip]);
        return new Response("ok");
      },
    });
    const url = `${server.url.replace("ws", "http").replace("localhost", "127.0.0.1")}/x?y`;
    await fetch(url, { headers: proxied });
    assert.deepEqual(seen, [["https://a.example/x?y", "192.0.2.1"]]);
  });

  it('"unix" is a proxy that comes by a unix socket', async () => {
    const path = join(tmpdir(), `hawser-proxies-${process.pid}.sock`);
    for (const [trustedProxies, should] of [
      [["unix"], told],
      [["127.0.0.1"], { ip: undefined, host: "inner", isSecure: false }],
    ] as const) {
      let facts: Facts | undefined;
      const server = await serve({
        unix: path,
        trustedProxies,
        upgrade({ ip, host, isSecure }) {
          facts = { ip, host, isSecure };
          return {};
        },
      });
      const socket = connectSocket(path);
      socket.end(requestText({ Host: "inner", ...proxied }, "GET / HTTP/1.1"));
      await new Promise((resolve) => socket.once("data", resolve));
      socket.destroy();
      await server.close({ timeoutMs: 500 });
      assert.deepEqual(facts, should);
    }
  });

  it("a refusal for its origin reaches the client as any other", async () => {
    const server = await stage.serve({ trustedProxies: ["127.0.0.1", "::1"] });
    const headers = { origin: "https://evil.example", "x-forwarded-host": "a.example" };
    await assert.rejects(connect(server.url, { headers }), (error) => {
      assert.ok(error instanceof HandshakeError);
      assert.equal(error.status, 403);
      return true;
    });
    assert.equal(server.stats().refused, 1);
  });
});

describe("the list of trusted proxies", () => {
  const rows: [entries: string[], address: string, verdict: boolean][] = [
    [["127.0.0.1"], "127.0.0.1", true],
    [["127.0.0.1"], "127.0.0.2", false],
    [["127.0.0.1"], "::ffff:127.0.0.1", true],
    [["127.0.0.1"], "::FFFF:127.0.0.1", true],
    [["10.0.0.0/8"], "10.255.255.255", true],
    [["10.0.0.0/8"], "11.0.0.0", false],
    [["0.0.0.0/0"], "203.0.113.9", true],
    [["0.0.0.0/0"], "2001:db8::1", false],
    [["::/0"], "203.0.113.9", false],
    [["fd00::/8"], "fd12:3456::1", true],
    [["fd00::/8"], "fe80::1", false],
    [["2001:db8::1"], "2001:0db8:0:0::1", true],
    [["10.0.0.1", "10.0.0.2"], "10.0.0.2", true],
    [["unix"], "127.0.0.1", false],
    [["127.0.0.1"], "unknown", false],
    [["127.0.0.1"], "127.0.0.1 ", false],
    [[], "127.0.0.1", false],
  ];
  for (const [entries, address, verdict] of rows) {
    it(`${JSON.stringify(entries)}: ${address} is ${verdict ? "one" : "none"}`, () => {
      const proxies = new TrustedProxies({ trustedProxies: entries }, []);
      assert.equal(proxies.isTrusted(address), verdict);
    });
  }

  const wrong: unknown[] = [
    "127.0.0.1",
    [1],
    ["localhost"],
    ["10.0.0.0/33"],
    ["::1/129"],
    ["10.0.0.0/"],
    ["10.0.0.0/8/8"],
    ["10.0.0.0/-1"],
    ["10.0.0"],
    [""],
    [null],
  ];
  for (const trustedProxies of wrong) {
    it(`${JSON.stringify(trustedProxies)} is refused`, async () => {
      const options = { trustedProxies } as ServerOptions;
      await assert.rejects(serve(options), (error) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, /^the option trustedProxies must be a list of addresses/);
        return true;
      });
    });
  }

  it("headers that are not known are refused", () => {
    const options = { trustedProxies: [], proxyHeaders: "x-real-ip" } as unknown as ServerOptions;
    assert.throws(() => new TrustedProxies(options, []), /the option proxyHeaders must be/);
  });
});
