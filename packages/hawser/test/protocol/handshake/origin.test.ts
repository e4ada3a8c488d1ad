import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isOriginAllowed } from "../../../dist/protocol/handshake/origin.js";

describe("origin", () => {
  const rows: [
    origin: string | undefined,
    host: string,
    allowed: "*" | string[],
    verdict: boolean,
  ][] = [
    [undefined, "example.com", [], true],
    ["https://example.com", "example.com", [], true],
    ["http://example.com:8080", "example.com:8080", [], true],
    ["https://EXAMPLE.com", "Example.COM", [], true],
    ["http://example.com", "example.com:80", [], true],
    ["https://example.com", "example.com:443", [], true],
    ["https://example.com:443", "example.com", [], true],
    ["http://example.com", "example.com:443", [], false],
    ["http://example.com:8080", "example.com", [], false],
    ["null", "example.com", [], false],
    ["null", "null", [], false],
    ["null", "example.com", ["null"], true],
    ["", "example.com", [], false],
    ["https://example.com.evil.net", "example.com", [], false],
    ["https://evil-example.com", "example.com", [], false],
    ["https://example.co", "example.com", [], false],
    ["https://sub.example.com", "example.com", [], false],
    ["ftp://example.com", "example.com", [], false],
    ["example.com", "example.com", [], false],
    ["https://app.example.org", "example.com", ["https://app.example.org"], true],
    ["https://APP.example.org", "example.com", ["https://app.example.ORG"], true],
    ["https://app.example.org.evil.net", "example.com", ["https://app.example.org"], false],
    ["https://anything.net", "example.com", "*", true],
  ];
  for (const [origin, host, allowed, verdict] of rows) {
    it(`§10.2 ${origin} at ${host} with ${JSON.stringify(allowed)}: ${verdict ? "yes" : "no"}`, () => {
      assert.equal(isOriginAllowed(origin, host, allowed), verdict);
    });
  }
});
