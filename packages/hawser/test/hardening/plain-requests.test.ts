// Plain HTTP requests beside the WebSocket that make no Request, or that ask for another upgrade: an
// answer that says why, no stack in anybody's log, and the server goes on.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { serve, type Server } from "../../dist/index.js";
import { headText } from "../support/http-head.ts";
import { RawPeer, type RawResponse } from "../support/raw-peer.ts";

describe("plain requests", () => {
  const errors: unknown[] = [];
  let server: Server;
  let port = 0;

  before(async () => {
    server = await serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => new Response(`${request.method} ${new URL(request.url).pathname}`),
      error: (error) => void errors.push(error),
    });
    port = (server.address() as { port: number }).port;
  });
  after(() => server.close());

  async function ask(startLine: string, fields: Record<string, string> = {}): Promise<RawResponse> {
    const peer = await RawPeer.connect({ host: "127.0.0.1", port });
    peer.write(headText(startLine, { Host: "localhost", Connection: "close", ...fields }));
    const response = await peer.readResponse();
    peer.destroy();
    return response;
  }

  const malformed: [startLine: string, fields?: Record<string, string>][] = [
    ["GET / HTTP/1.1", { Host: "a b" }],
    ["GET / HTTP/1.1", { Host: "[::" }],
    ["GET / HTTP/1.1", { Host: "user@evil" }],
    ["GET http://user:password@localhost/ HTTP/1.1"],
    ["OPTIONS * HTTP/1.1"],
  ];
  for (const [startLine, fields] of malformed) {
    it(`${startLine} ${JSON.stringify(fields ?? {})}: 400, and no error of ours`, async () => {
      const { status, body } = await ask(startLine, fields);
      assert.equal(status, 400);
      assert.match(body, /RFC 9112/);
      assert.deepEqual(errors, []);
    });
  }

  it("TRACE, which no Request can have: 501", async () => {
    assert.equal((await ask("TRACE / HTTP/1.1")).status, 501);
    assert.deepEqual(errors, []);
  });

  it("an absolute target is a target like any other", async () => {
    assert.equal((await ask("GET http://localhost/page HTTP/1.1")).body, "GET /page");
  });

  it("RFC 9110 §7.8 a request that offers h2c gets the page, not a refusal", async () => {
    const offer = {
      Connection: "Upgrade, HTTP2-Settings",
      Upgrade: "h2c",
      "HTTP2-Settings": "AAMAAABk",
    };
    const response = await ask("GET /page HTTP/1.1", offer);
    assert.deepEqual([response.status, response.body], [200, "GET /page"]);
    assert.deepEqual(response.headers.get("connection"), ["close"]);
  });

  it("RFC 9110 §7.8 an offer of h2c with a body, or to a server without pages, is refused", async () => {
    const offer = { Connection: "Upgrade", Upgrade: "h2c" };
    assert.equal((await ask("POST /page HTTP/1.1", offer)).status, 405);
    const bare = await serve({ port: 0, hostname: "127.0.0.1" });
    const peer = await RawPeer.connect({
      host: "127.0.0.1",
      port: (bare.address() as { port: number }).port,
    });
    peer.write(headText("GET / HTTP/1.1", { Host: "localhost", ...offer }));
    assert.equal((await peer.readResponse()).status, 400);
    peer.destroy();
    await bare.close();
  });
});
