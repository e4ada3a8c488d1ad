// jsdom: the WebSocket of its pages is a ws inside. Version 27 is the last that depends on ws (from 28 on it
// has undici's), so that is the one here. A page comes from a server with a cookie; its scripts connect, and
// what they see goes back over the connection and through the window.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, afterEach, before, describe, it } from "node:test";
import { JSDOM } from "jsdom";
import { close, listen, wsOf } from "./support.mjs";

const WebSocket = wsOf("jsdom");

describe("jsdom", { timeout: 30_000 }, () => {
  let http;
  let wss;
  let port;
  let dom;

  before(async () => {
    http = createServer((_request, response) => {
      response.setHeader("set-cookie", "page=1");
      response.setHeader("content-type", "text/html");
      response.end("<!doctype html><title>A page</title>");
    });
    wss = new WebSocket.Server({ server: http, perMessageDeflate: true });
    wss.on("headers", (headers) => headers.push("Set-Cookie: socket=2"));
    port = await listen(http);
  });
  afterEach(() => dom.window.close());
  after(async () => {
    wss.close();
    await close(http);
  });

  /** Loads the page and gives it the address of the server as `url`. */
  async function load() {
    dom = await JSDOM.fromURL(`http://127.0.0.1:${port}/`, { runScripts: "outside-only" });
    dom.window.url = `ws://127.0.0.1:${port}/socket`;
    return dom.window;
  }

  /** Runs the body of an async function in the page. */
  const run = (window, body) => window.eval(`(async () => { ${body} })()`);

  it("connects from a page, with its origin and cookies, on the ws on trial", async () => {
    const window = await load();
    const connection = once(wss, "connection");
    const state = await run(
      window,
      `const ws = window.ws = new WebSocket(url, ["chat", "other"]);
       const before = ws.readyState;
       await new Promise((resolve) => { ws.onopen = resolve; });
       return [before, ws.readyState, ws.protocol, ws.url === url, document.cookie];`,
    );
    const [socket, request] = await connection;

    assert.deepEqual([...state], [0, 1, "chat", true, "page=1; socket=2"]);
    assert.ok(socket instanceof WebSocket);
    assert.equal(request.headers.origin, `http://127.0.0.1:${port}`);
    assert.equal(request.headers.cookie, "page=1");
    assert.match(request.headers["user-agent"], /jsdom/);
  });

  it("sends and receives text and binary data of every type", async () => {
    const window = await load();
    wss.once("connection", (socket) => {
      socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
    const seen = await run(
      window,
      `const ws = new WebSocket(url);
       await new Promise((resolve) => { ws.onopen = resolve; });
       const next = () => new Promise((resolve) => {
         ws.addEventListener("message", ({ data }) => resolve(data), { once: true });
       });
       const echo = (data) => { const answer = next(); ws.send(data); return answer; };
       const bytes = new Uint8Array([0, 1, 2, 254, 255]);
       const seen = [await echo("text ✓"), await echo("")];
       ws.binaryType = "arraybuffer";
       for (const data of [bytes, bytes.buffer, bytes.subarray(1, 3), new DataView(bytes.buffer, 2, 2)]) {
         const answer = await echo(data);
         seen.push(answer instanceof ArrayBuffer, [...new Uint8Array(answer)].join());
       }
       ws.binaryType = "blob";
       const blob = await echo(new Blob(["of a ", "blob"]));
       seen.push(blob instanceof Blob, blob.size);
       const large = "0123456789".repeat(100_000);
       seen.push((await echo(large)) === large, ws.bufferedAmount);
       return seen;`,
    );
    assert.deepEqual(
      [...seen],
      [
        "text ✓",
        "",
        true,
        "0,1,2,254,255",
        true,
        "0,1,2,254,255",
        true,
        "1,2",
        true,
        "2,254",
      ].concat([true, 9, true, 0]),
    );
  });

  it("closes from the page", async () => {
    const window = await load();
    const connection = once(wss, "connection");
    const closed = run(
      window,
      `const ws = new WebSocket(url);
       await new Promise((resolve) => { ws.onopen = resolve; });
       return new Promise((resolve) => {
         ws.onclose = ({ code, reason, wasClean }) => resolve([code, reason, wasClean, ws.readyState]);
         ws.close(3001, "enough");
       });`,
    );
    const [socket] = await connection;
    const [code, reason] = await once(socket, "close");

    assert.deepEqual([code, String(reason)], [3001, "enough"]);
    assert.deepEqual([...(await closed)], [3001, "enough", true, 3]);
  });

  it("is closed by the server, cleanly or not", async () => {
    const window = await load();
    for (const [end, expected] of [
      [(socket) => socket.close(4001, "go away"), [4001, "go away"]],
      [(socket) => socket.close(), [1005, ""]],
      [(socket) => socket.terminate(), [1006, ""]],
    ]) {
      wss.once("connection", end);
      const closed = await run(
        window,
        `const ws = new WebSocket(url);
         return new Promise((resolve) => {
           ws.onclose = ({ code, reason }) => resolve([code, reason]);
         });`,
      );
      assert.deepEqual([...closed], expected);
    }
  });

  it("sees an error and then the end when there is no server, or it refuses", async () => {
    const window = await load();
    const elsewhere = createServer((_request, response) => response.end());
    const other = await listen(elsewhere);
    for (const address of ["ws://127.0.0.1:1/", `ws://127.0.0.1:${other}/`]) {
      window.url = address;
      const events = await run(
        window,
        `const ws = new WebSocket(url);
         const events = [];
         ws.onopen = ws.onerror = ({ type }) => events.push(type);
         return new Promise((resolve) => {
           ws.onclose = ({ type, code, wasClean }) => resolve([...events, type, code, wasClean]);
         });`,
      );
      assert.deepEqual([...events], ["error", "close", 1006, false]);
    }
    await close(elsewhere);
  });

  it("gives up connecting when the page closes it at once", async () => {
    const window = await load();
    const events = await run(
      window,
      `const ws = new WebSocket(url);
       await null; await null;
       ws.close();
       return new Promise((resolve) => {
         ws.onclose = ({ code, wasClean }) => resolve([code, wasClean, ws.readyState]);
       });`,
    );
    assert.deepEqual([...events], [1006, false, 3]);
  });

  it("ends the connections of a window that closes", async () => {
    const window = await load();
    const connection = once(wss, "connection");
    await run(
      window,
      `const ws = new WebSocket(url);
       await new Promise((resolve) => { ws.onopen = resolve; });`,
    );
    const [socket] = await connection;
    const closed = once(socket, "close");
    window.close();

    assert.equal((await closed)[0], 1001);
  });
});
