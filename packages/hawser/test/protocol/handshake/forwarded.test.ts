import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  addressOfNode,
  clientByForwarded,
  clientByXForwarded,
  type ForwardedClient,
  type ForwardedElement,
  parseForwarded,
  type XForwarded,
} from "../../../dist/protocol/handshake/forwarded.js";

const isTrusted = (address: string): boolean => address.startsWith("10.");

describe("RFC 7239 §4 the elements of Forwarded", () => {
  const none: ForwardedElement = { for: undefined, host: undefined, proto: undefined };
  const rows: [header: string, elements: Partial<ForwardedElement>[] | undefined][] = [
    ["for=192.0.2.60", [{ for: "192.0.2.60" }]],
    ["For=192.0.2.60;PROTO=http;by=203.0.113.43", [{ for: "192.0.2.60", proto: "http" }]],
    ['for="[2001:db8:cafe::17]:4711"', [{ for: "[2001:db8:cafe::17]:4711" }]],
    ["for=192.0.2.43, for=198.51.100.17", [{ for: "192.0.2.43" }, { for: "198.51.100.17" }]],
    ['for="_gazonk";host="a\\"b"', [{ for: "_gazonk", host: 'a"b' }]],
    [" for=a ; proto=https ,\t;host=b;; , ,", [{ for: "a", proto: "https" }, { host: "b" }]],
    ['for="";proto=http', [{ for: "", proto: "http" }]],
    ["secret=x", [{}]],
    ["", []],
    [" , ;", []],
    // Broken.
    ["for", undefined],
    ["for=", undefined],
    ["=x", undefined],
    ["for =x", undefined],
    ["for= x", undefined],
    ["for=a b", undefined],
    ["for=192.0.2.60:80", undefined],
    ["for=[2001:db8::1]", undefined],
    ["for=a;for=b", undefined],
    ["for=a;FOR=b", undefined],
    ['for="a', undefined],
    ['for="a\\', undefined],
    ['for="a"b', undefined],
    ['for=", for=192.0.2.60', undefined],
  ];
  for (const [header, elements] of rows) {
    it(`${JSON.stringify(header)}: ${elements === undefined ? "malformed" : elements.length}`, () => {
      const should = elements?.map((one) => ({ ...none, ...one }));
      assert.deepEqual(parseForwarded(header), should);
    });
  }

  it("an unclosed quote of 16 KB takes no time", () => {
    // The best of a few, since others work on this machine, too.
    const times = Array.from({ length: 10 }, () => {
      const started = performance.now();
      assert.equal(parseForwarded(`for="${"\\".repeat(16_384)}`), undefined);
      assert.equal(parseForwarded("for=a;".repeat(3_000)), undefined);
      return performance.now() - started;
    });
    assert.ok(Math.min(...times) < 5, times.join());
  });
});

describe("RFC 7239 §6 the address of a node", () => {
  const rows: [node: string, address: string | undefined][] = [
    ["192.0.2.43", "192.0.2.43"],
    ["192.0.2.43:47011", "192.0.2.43"],
    ["192.0.2.43:_port", "192.0.2.43"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["[2001:db8::1]:4711", "2001:db8::1"],
    ["2001:db8::1", "2001:db8::1"],
    ["::ffff:192.0.2.43", "::ffff:192.0.2.43"],
    ["", undefined],
    ["unknown", undefined],
    ["Unknown", undefined],
    ["_hidden", undefined],
    ["_hidden:80", undefined],
    ["[2001:db8::1", undefined],
    ["[2001:db8::1]x", undefined],
    ["[2001:db8::1]:", undefined],
    ["192.0.2.43:", undefined],
    ["192.0.2.43:8a", undefined],
    ["192.0.2.43:123456", undefined],
    ["192.0.2.43:_a b", undefined],
  ];
  for (const [node, address] of rows) {
    it(`${JSON.stringify(node)}: ${address ?? "hidden"}`, () => {
      assert.equal(addressOfNode(node), address);
    });
  }
});

describe("the client behind trusted proxies (10.*), by Forwarded", () => {
  const rows: [header: string, client: ForwardedClient][] = [
    ["for=192.0.2.1;proto=HTTPS;host=a.example", client("192.0.2.1", "a.example", "https")],
    // The client made up the left one.
    [
      "for=6.6.6.6;host=evil.example, for=192.0.2.1;host=a.example",
      client("192.0.2.1", "a.example"),
    ],
    ["for=192.0.2.1;host=a.example, for=10.0.0.2;host=inner", client("192.0.2.1", "a.example")],
    ["for=6.6.6.6, for=192.0.2.1, for=10.0.0.3, for=10.0.0.2", client("192.0.2.1")],
    ["for=10.0.0.9, for=10.0.0.2", client("10.0.0.9")],
    ["for=6.6.6.6, for=_hidden;proto=https", client(undefined, undefined, "https")],
    ["for=6.6.6.6, proto=https", client(undefined, undefined, "https")],
    ["for=6.6.6.6, for=unknown, for=10.0.0.2", client(undefined)],
    ['for="[2001:db8::1]:443", for="10.0.0.2:80"', client("2001:db8::1")],
    ['for=", for=192.0.2.1', client(undefined)],
    ["", client(undefined)],
  ];
  for (const [header, should] of rows) {
    it(`${header}: ${should.address ?? "unknown"}`, () => {
      assert.deepEqual(clientByForwarded(header, isTrusted), should);
    });
  }
});

describe("the client behind trusted proxies (10.*), by X-Forwarded-*", () => {
  const rows: [headers: Partial<XForwarded>, client: ForwardedClient][] = [
    [
      { for: "192.0.2.1", proto: "https", host: "a.example" },
      client("192.0.2.1", "a.example", "https"),
    ],
    [{ for: "6.6.6.6, 192.0.2.1" }, client("192.0.2.1")],
    [{ for: "6.6.6.6,192.0.2.1 , 10.0.0.2" }, client("192.0.2.1")],
    [{ for: "10.0.0.9, 10.0.0.2" }, client("10.0.0.9")],
    [{ for: "6.6.6.6, , 10.0.0.2" }, client(undefined)],
    [{ for: "6.6.6.6, " }, client(undefined)],
    [{ for: "6.6.6.6, unknown" }, client(undefined)],
    [{ for: "2001:db8::1, 10.0.0.2:80" }, client("2001:db8::1")],
    [{ for: "[2001:db8::1]:80" }, client("2001:db8::1")],
    // As many entries as there are hops: those of the client's hop.
    [
      {
        for: "6.6.6.6, 192.0.2.1, 10.0.0.2",
        proto: "x, https, http",
        host: "evil, a.example, inner",
      },
      client("192.0.2.1", "a.example", "https"),
    ],
    // The proxies overwrite: one entry, whatever the number of hops.
    [
      { for: "192.0.2.1, 10.0.0.2", proto: "HTTPS", host: "a.example" },
      client("192.0.2.1", "a.example", "https"),
    ],
    // Made up by the client, with a proxy that appends.
    [{ for: "192.0.2.1", host: "evil.example, a.example" }, client("192.0.2.1", "a.example")],
    [{ host: "evil.example, a.example", proto: "https" }, client(undefined, "a.example", "https")],
    [{}, client(undefined)],
  ];
  for (const [headers, should] of rows) {
    it(`${JSON.stringify(headers)}: ${should.address ?? "unknown"}`, () => {
      const all = { for: undefined, host: undefined, proto: undefined, ...headers };
      assert.deepEqual(clientByXForwarded(all, isTrusted), should);
    });
  }
});

function client(address: string | undefined, host?: string, proto?: string): ForwardedClient {
  return { address, host, proto };
}
