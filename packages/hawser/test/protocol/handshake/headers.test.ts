import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { headersFromRaw, listHas, singleHeader } from "../../../dist/protocol/handshake/headers.js";

const headers = headersFromRaw([
  "Host",
  "a",
  "CONNECTION",
  "keep-alive, Upgrade",
  "connection",
  "x",
  "__proto__",
  "p",
  "constructor",
  "c",
]);

describe("headers", () => {
  it("names are in lower case, lines in the order they came", () => {
    assert.deepEqual(headers.get("connection"), ["keep-alive, Upgrade", "x"]);
  });

  it("names of Object.prototype are names like any other", () => {
    assert.equal(singleHeader(headers, "__proto__"), "p");
    assert.equal(singleHeader(headers, "constructor"), "c");
    assert.equal(singleHeader(headers, "toString"), undefined);
  });

  it("a field that came twice is not single", () => {
    assert.equal(singleHeader(headers, "host"), "a");
    assert.equal(singleHeader(headers, "connection"), undefined);
  });

  it("finds a member of a list in any line and any case", () => {
    assert.equal(listHas(headers, "connection", "upgrade"), true);
    assert.equal(listHas(headers, "connection", "x"), true);
    assert.equal(listHas(headers, "connection", "up"), false);
    assert.equal(listHas(headers, "missing", "x"), false);
  });

  it("leaves out a name without a value", () => {
    assert.equal(headersFromRaw(["a"]).size, 0);
  });
});
