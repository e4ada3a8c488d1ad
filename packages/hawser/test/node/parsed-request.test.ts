import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, IncomingMessage } from "node:http";
import { type AddressInfo, connect, Socket } from "node:net";
import { describe, it } from "node:test";
import { ParsedRequest } from "../../dist/node/parsed-request.js";
import { readWholeRequest, type WholeRequest } from "../../dist/protocol/index.js";
import { within } from "../support/deferred.js";

const rules = { origins: [], maxHeaderBytes: 16_384, maxHeaders: 128, maxUrlBytes: 8_192 };

const text = [
  "GET /chat?room=1 HTTP/1.1",
  "Host: example.com",
  "Upgrade: websocket",
  "Connection: keep-alive",
  "connection: Upgrade",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
  "Cookie: a=b",
  "Cookie: c=d",
  "X-Twice: 1",
  "X-Twice: 2",
  "User-Agent: first",
  "User-Agent: second",
  "Set-Cookie: x",
  "constructor: y",
  "",
  "",
].join("\r\n");

function parse(request = text): ParsedRequest {
  return new ParsedRequest(new Socket(), readWholeRequest(request, rules) as WholeRequest);
}

describe("parsed request", () => {
  it("has the face of the request that Node makes of the same bytes", async () => {
    const http = createServer().listen(0, "127.0.0.1");
    await once(http, "listening");
    const upgrade = once(http, "upgrade") as Promise<[IncomingMessage, Socket]>;
    const peer = connect((http.address() as AddressInfo).port, "127.0.0.1");
    peer.write(text);
    const [nodes, socket] = await within(upgrade, "Node's request");
    // Whatever is found, nothing of this keeps the process alive.
    http.close();
    peer.destroy();
    socket.destroy();
    const { incoming } = parse();
    assert.ok(incoming instanceof IncomingMessage);
    for (const name of [
      "method",
      "url",
      "httpVersion",
      "httpVersionMajor",
      "httpVersionMinor",
      "rawHeaders",
      "headers",
      "headersDistinct",
    ] as const) {
      assert.deepEqual(incoming[name], nodes[name], name);
    }
  });

  it("makes headers and Node's request once, when they are asked for", () => {
    const request = parse();
    assert.equal(request.url, "/chat?room=1");
    assert.equal(request.httpVersion, "1.1");
    assert.equal(request.headers, request.headers);
    assert.equal(request.incoming, request.incoming);
    assert.equal(request.incoming.headers, request.headers);
    assert.equal(request.incoming.socket, request.socket);
  });

  it("has no body: who reads it finds its end", async () => {
    const { incoming } = parse();
    incoming.resume();
    await within(once(incoming, "end"), "the end");
  });

  it("a field called __proto__ is a field like any other", () => {
    const { incoming } = parse(text.replace("constructor", "__proto__"));
    assert.equal(Object.getPrototypeOf(incoming.headers), Object.prototype);
    assert.equal(Object.getPrototypeOf(incoming.headersDistinct), null);
    for (const headers of [incoming.headers, incoming.headersDistinct]) {
      assert.ok(Object.hasOwn(headers, "__proto__"));
    }
  });
});
