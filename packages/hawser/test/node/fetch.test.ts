// Plain HTTP beside the WebSocket, as Request and Response; malformed requests have their tests in
// ../hardening.

import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import type { FetchHandler } from "../../dist/index.js";
import { deferred, turn } from "../support/deferred.ts";
import { headText } from "../support/http-head.ts";
import { Stage } from "../support/stage.ts";

const stage = new Stage();
const { log } = stage;
afterEach(() => stage.end());

/** Where a server with that handler answers. */
async function serving(handler: FetchHandler): Promise<string> {
  const server = await stage.serve({ fetch: handler, error: (error) => log.add("error", error) });
  return server.url.replace("ws:", "http:");
}

describe("fetch: the request", () => {
  it("GET: method, URL, header fields, address, no body", async () => {
    const url = await serving((request, { ip }) => {
      log.add(
        "request",
        request.method,
        request.url,
        request.headers.get("x-one"),
        ip,
        request.body,
      );
      return new Response("ok");
    });
    const response = await fetch(`${url}/path?a=1`, { headers: { "X-One": "1" } });
    assert.equal(await response.text(), "ok");
    assert.deepEqual(log.all("request"), [["GET", `${url}/path?a=1`, "1", "127.0.0.1", null]]);
  });

  it("POST: the body, whole", async () => {
    const url = await serving(
      async (request) => new Response((await request.text()).toUpperCase()),
    );
    const response = await fetch(url, { method: "POST", body: "hello" });
    assert.equal(await response.text(), "HELLO");
  });

  it("POST: the body, streamed as it comes, of any size", async () => {
    const url = await serving(async (request) => {
      let bytes = 0;
      for await (const chunk of request.body as ReadableStream<Uint8Array>) bytes += chunk.length;
      return Response.json({ bytes });
    });
    const body = Buffer.alloc(5 * 1024 * 1024);
    const response = await fetch(url, { method: "POST", body });
    assert.deepEqual(await response.json(), { bytes: body.length });
  });

  it("a body that nobody reads harms nothing", async () => {
    const url = await serving(() => new Response("not interested", { status: 413 }));
    for (let i = 0; i < 3; i++) {
      const response = await fetch(url, { method: "PUT", body: "x".repeat(100_000) });
      assert.equal(response.status, 413);
      assert.equal(await response.text(), "not interested");
    }
  });

  it("the signal is aborted when the client goes away, and not otherwise", async () => {
    const signals: AbortSignal[] = [];
    const asked = deferred();
    const url = await serving(async ({ signal, url: asking }) => {
      signals.push(signal);
      if (!asking.endsWith("/wait")) return new Response("ok");
      signal.addEventListener("abort", () => log.add("abort"));
      asked.resolve();
      await log.waitFor("abort");
      return new Response("too late");
    });
    await (await fetch(url)).text();
    const abort = new AbortController();
    const waiting = fetch(`${url}/wait`, { signal: abort.signal }).catch(() => undefined);
    await asked.promise;
    abort.abort();
    await waiting;
    await log.waitFor("abort");
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [false, true],
    );
    await turn();
    assert.equal(log.count("error"), 0);
  });

  it("is called as a method of the options", async () => {
    const options = {
      text: "mine",
      fetch() {
        return new Response(this.text);
      },
    };
    const server = await stage.serve(options);
    const response = await fetch(server.url.replace("ws:", "http:"));
    assert.equal(await response.text(), "mine");
  });
});

describe("fetch: the response", () => {
  it("status, its text, header fields, several cookies", async () => {
    const headers = new Headers({ "X-One": "1", "Content-Type": "text/plain" });
    headers.append("Set-Cookie", "a=1; Path=/");
    headers.append("Set-Cookie", "b=2");
    headers.append("Vary", "Accept");
    headers.append("Vary", "Origin");
    const url = await serving(
      () => new Response("x", { status: 201, statusText: "Made", headers }),
    );
    const response = await fetch(url);
    assert.deepEqual([response.status, response.statusText], [201, "Made"]);
    assert.equal(response.headers.get("x-one"), "1");
    assert.equal(response.headers.get("vary"), "Accept, Origin");
    assert.deepEqual(response.headers.getSetCookie(), ["a=1; Path=/", "b=2"]);
  });

  it("without a body", async () => {
    const url = await serving(() => new Response(null, { status: 204 }));
    const response = await fetch(url);
    assert.deepEqual([response.status, await response.text()], [204, ""]);
  });

  it("HEAD: the header fields, and the body is let go of", async () => {
    const url = await serving(() => {
      const body = new ReadableStream({ cancel: () => log.add("cancelled") });
      return new Response(body, { headers: { "X-One": "1" } });
    });
    const response = await fetch(url, { method: "HEAD" });
    assert.equal(response.headers.get("x-one"), "1");
    assert.equal(await response.text(), "");
    assert.deepEqual(log.names, ["cancelled"]);
  });

  it("streams: a part goes out before the next is there", async () => {
    const encoder = new TextEncoder();
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const url = await serving(() => {
      const body = new ReadableStream<Uint8Array>({
        start(given) {
          controller = given;
          given.enqueue(encoder.encode("first"));
        },
      });
      return new Response(body);
    });
    const { body } = await fetch(url);
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    assert.equal(new TextDecoder().decode((await reader.read()).value), "first");
    controller?.enqueue(encoder.encode("second"));
    assert.equal(new TextDecoder().decode((await reader.read()).value), "second");
    controller?.close();
    assert.equal((await reader.read()).done, true);
  });

  it("a client that goes away in the middle: the stream is cancelled, and it is no error", async () => {
    const cancelled = deferred();
    const url = await serving(() => {
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024)),
        cancel: () => cancelled.resolve(),
      });
      return new Response(body);
    });
    const abort = new AbortController();
    const { body } = await fetch(url, { signal: abort.signal });
    await (body as ReadableStream<Uint8Array>).getReader().read();
    abort.abort();
    await cancelled.promise;
    assert.equal(log.count("error"), 0);
  });

  it("several requests over one connection", async () => {
    const server = await stage.serve({ fetch: ({ url }) => new Response(new URL(url).pathname) });
    const peer = await stage.dial(server);
    for (const path of ["/one", "/two", "/three"]) {
      peer.write(headText(`GET ${path} HTTP/1.1`, { Host: "localhost" }));
      assert.equal((await peer.readResponse()).body, path);
    }
  });
});

describe("fetch: failures", () => {
  const failure = new Error("the handler failed");
  for (const [title, handler] of [
    ["throws", () => assert.fail(failure)],
    ["rejects", () => Promise.reject(failure)],
  ] as [string, FetchHandler][]) {
    it(`the handler ${title}: 500 without a word of it, and the error hook is told`, async () => {
      const url = await serving(handler);
      const response = await fetch(url);
      assert.equal(response.status, 500);
      assert.doesNotMatch(await response.text(), /handler failed/);
      assert.deepEqual(log.all("error"), [[failure]]);
    });
  }

  it("the handler returns no Response: 500", async () => {
    const url = await serving(() => undefined as never);
    assert.equal((await fetch(url)).status, 500);
    assert.equal(log.count("error"), 1);
  });

  it("the body fails in the middle: the connection is cut, and the error hook is told", async () => {
    const url = await serving(() => {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new Uint8Array(10)),
        pull: (controller) => controller.error(failure),
      });
      return new Response(body);
    });
    await assert.rejects(async () => (await fetch(url)).arrayBuffer());
    assert.deepEqual(await log.waitFor("error", 1, 1_000), [failure]);
  });
});
