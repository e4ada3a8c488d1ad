// What no page shows of the URL: the credentials that it carries.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { authorizationOf, destinationOf, toUrlRecord } from "../../dist/web/url.js";

describe("the URL", () => {
  it("credentials are percent-decoded into bytes, whatever they are (RFC 7617)", () => {
    const basic = (text: string): string | undefined => authorizationOf(toUrlRecord(text));
    const encoded = (bytes: string): string =>
      `Basic ${Buffer.from(bytes, "latin1").toString("base64")}`;
    assert.equal(basic("ws://host/"), undefined);
    assert.equal(basic("ws://us%65r:p%40ss@host/"), encoded("user:p@ss"));
    assert.equal(basic("ws://user@host/"), encoded("user:"));
    assert.equal(basic("ws://:pass@host/"), encoded(":pass"));
    assert.equal(basic("ws://%ff%zz:%@host/"), encoded("\u00ff%zz:%"));
  });

  it("is resolved against the global location, where there is one", () => {
    const resolve = (text: string, location: unknown): string => {
      Object.defineProperty(globalThis, "location", { value: location, configurable: true });
      try {
        return toUrlRecord(text).href;
      } finally {
        Reflect.deleteProperty(globalThis, "location");
      }
    };
    const page = { href: "https://host:8443/a/page?q#top" };
    assert.equal(resolve("chat", page), "wss://host:8443/a/chat");
    assert.equal(resolve("/chat", page), "wss://host:8443/chat");
    assert.equal(resolve("//other/", page), "wss://other/");
    assert.equal(resolve("ws://other/", page), "ws://other/");
    for (const none of [undefined, null, {}, { href: 1 }, { href: "nowhere" }]) {
      assert.throws(() => resolve("/chat", none), { name: "SyntaxError" });
      assert.equal(resolve("ws://host/", none), "ws://host/");
    }
    assert.throws(() => resolve("/chat", { href: "about:blank" }), { name: "SyntaxError" });
  });

  it("credentials are not in the request otherwise", () => {
    const { host, target, credentials } = destinationOf(toUrlRecord("ws://a%zz:b@host:1/p?q"));
    assert.deepEqual([host, target, credentials], ["host:1", "/p?q", undefined]);
  });
});
