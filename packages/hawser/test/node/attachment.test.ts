import assert from "node:assert/strict";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, it } from "node:test";
import { Server } from "../../dist/index.js";
import { deferred } from "../support/deferred.ts";
import { headText, requestText } from "../support/http-head.ts";
import { nodeMajor } from "../support/node-version.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { Stage } from "../support/stage.ts";

const stage = new Stage();
let http: HttpServer;
const peers: RawPeer[] = [];

beforeEach(async () => {
  http = createServer((_request, response) => response.end("theirs"));
  await new Promise<void>((resolve) => {
    http.listen(0, "127.0.0.1", resolve);
  });
});
afterEach(async () => {
  for (const peer of peers.splice(0)) peer.destroy();
  await stage.end();
  http.closeAllConnections();
  http.close();
});

async function dial(): Promise<RawPeer> {
  const peer = await RawPeer.connect({
    port: (http.address() as AddressInfo).port,
    host: "127.0.0.1",
  });
  peers.push(peer);
  return peer;
}

async function ask(target: string): Promise<RawPeer> {
  const peer = await dial();
  peer.write(requestText({}, `GET ${target} HTTP/1.1`));
  return peer;
}

/** A server of ours that greets with its name. */
function greeting(name: string): Server {
  return stage.keep(new Server({ open: (ws) => void ws.send(name) }));
}

async function greets(target: string, name: string): Promise<void> {
  const peer = await ask(target);
  assert.equal((await peer.readHead()).status, 101);
  assert.equal(await peer.readText(), name);
}

async function isRefused(target: string, status: number): Promise<void> {
  const peer = await ask(target);
  const response = await peer.readResponse();
  assert.equal(response.status, status);
  assert.notEqual(response.body, "");
  await peer.finish();
}

describe("attach", () => {
  it("takes every path without one given, and leaves plain requests alone", async () => {
    greeting("ours").attach(http);
    await greets("/", "ours");
    await greets("/any/path?query", "ours");
    const { port } = http.address() as AddressInfo;
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "theirs");
  });

  it("takes one path exactly, whatever the query", async () => {
    greeting("chat").attach(http, { path: "/chat" });
    await greets("/chat", "chat");
    await greets("/chat?room=1", "chat");
    for (const target of ["/", "/chat/", "/chats", "/Chat", "/chat%20"])
      await isRefused(target, 404);
  });

  it("several servers, each with a path; what is nobody's is refused once", async () => {
    greeting("one").attach(http, { path: "/one" });
    greeting("two").attach(http, { path: "/two" });
    const both = greeting("both");
    both.attach(http, { path: "/three" });
    both.attach(http, { path: "/four" });
    await greets("/one", "one");
    await greets("/two", "two");
    await greets("/three", "both");
    await greets("/four", "both");
    await isRefused("/five", 404);
  });

  it("a path and all others beside it: the path's server is not asked for the others", async () => {
    greeting("one").attach(http, { path: "/one" });
    greeting("rest").attach(http);
    await greets("/two", "rest");
  });

  it("leaves other paths to a listener that is not ours", async () => {
    greeting("chat").attach(http, { path: "/chat" });
    http.on("upgrade", (request, socket) => {
      if (request.url === "/theirs") socket.end("HTTP/1.1 418 theirs\r\n\r\n");
    });
    await greets("/chat", "chat");
    const peer = await ask("/theirs");
    assert.equal((await peer.readHead()).status, 418);
    await peer.finish();
  });

  it("lets go again: then the path is nobody's", async () => {
    const detach = greeting("one").attach(http, { path: "/one" });
    greeting("two").attach(http, { path: "/two" });
    await greets("/one", "one");
    detach();
    await isRefused("/one", 404);
    await greets("/two", "two");
  });

  it("counts what it refuses because of its path", async () => {
    const server = greeting("one");
    server.attach(http, { path: "/one" });
    await isRefused("/two", 404);
    assert.equal(server.stats().refused, 1);
  });

  it("a client that resets while it is refused harms nobody", async () => {
    greeting("one").attach(http, { path: "/one" });
    for (let i = 0; i < 20; i++) {
      const peer = await ask("/two");
      peer.reset();
    }
    await greets("/one", "one");
  });

  it("an upgrade behind a plain request that is being answered is dropped with its socket", async () => {
    http.removeAllListeners("request");
    const asked = deferred();
    const decision = deferred();
    http.on("request", (_request, response) => {
      asked.resolve();
      void decision.promise.then(() => response.end("late"));
    });
    greeting("one").attach(http);
    const peer = await dial();
    peer.write(headText("GET / HTTP/1.1", { Host: "localhost" }) + requestText());
    await asked.promise;
    assert.equal((await peer.readToEnd()).length, 0);
    decision.resolve();
  });

  it("an upgrade behind a plain request that was answered is accepted", async () => {
    greeting("one").attach(http);
    const peer = await dial();
    for (let i = 0; i < 3; i++) {
      peer.write(headText("GET / HTTP/1.1", { Host: "localhost" }));
      assert.equal((await peer.readResponse()).body, "theirs");
    }
    peer.write(requestText());
    assert.equal((await peer.readHead()).status, 101);
    assert.equal(await peer.readText(), "one");
  });

  it("the time-outs of the HTTP server end with the handshake: a silent connection stays", async () => {
    http.setTimeout(60);
    http.keepAliveTimeout = 50;
    const closes: number[] = [];
    const server = stage.keep(new Server({ close: (_ws, code) => void closes.push(code) }));
    server.attach(http);
    const peer = await dial();
    peer.write(headText("GET / HTTP/1.1", { Host: "localhost" }));
    await peer.readResponse();
    peer.write(requestText());
    await peer.readHead();
    // Time itself is under test: several times the time-out.
    await new Promise((resolve) => setTimeout(resolve, 250));
    assert.deepEqual(closes, []);
    assert.equal(peer.ending, undefined);
  });

  it("a small maxHeadersCount leaves fields out of `headers`, but not of what is checked", async () => {
    greeting("one").attach(http);
    http.maxHeadersCount = 2;
    if (nodeMajor < 22) return greets("/", "one");
    // Node itself refuses what it would have to leave out.
    const peer = await ask("/");
    assert.equal((await peer.readHead()).status, 431);
  });
});
