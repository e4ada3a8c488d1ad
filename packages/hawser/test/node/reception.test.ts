import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { ParsedRequest } from "../../dist/node/parsed-request.js";
import { Reception } from "../../dist/node/reception.js";
import { deferred, within } from "../support/deferred.js";

const rules = { origins: [], maxHeaderBytes: 16_384, maxHeaders: 128, maxUrlBytes: 8_192 };

const request =
  "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/** What became of a socket. */
type Outcome =
  | { readonly to: "accept"; readonly request: ParsedRequest; readonly early: string }
  | { readonly to: "http"; readonly socket: Socket; read(bytes: number): Promise<string> };

/** A socket that Node's HTTP server was given, and all that it reads of it. */
function readByHttp(socket: Socket): Outcome {
  let text = "";
  let wanted = Number.POSITIVE_INFINITY;
  const all = deferred();
  // As Node does, it listens at once.
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    if (text.length >= wanted) all.resolve();
  });
  return {
    to: "http",
    socket,
    async read(bytes) {
      wanted = bytes;
      if (text.length < bytes) await within(all.promise, "the bytes");
      return text;
    },
  };
}

describe("reception", () => {
  let server: Server;
  let reception: Reception;
  let outcome: ReturnType<typeof deferred<Outcome>>;
  let accepted: ReturnType<typeof deferred<Socket>>;
  let peers: Socket[] = [];

  async function start(patienceMs: number): Promise<void> {
    outcome = deferred();
    accepted = deferred();
    reception = new Reception({
      rules,
      patienceMs,
      accept: (parsed, _, early) =>
        outcome.resolve({ to: "accept", request: parsed, early: early.toString("hex") }),
      toHttp: (socket) => outcome.resolve(readByHttp(socket)),
    });
    server = createServer((socket) => {
      reception.take(socket);
      accepted.resolve(socket);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
  }

  function open(text: string | Buffer): Socket {
    const peer = connect((server.address() as AddressInfo).port, "127.0.0.1");
    peer.on("error", () => undefined);
    peer.write(text);
    peers.push(peer);
    return peer;
  }

  async function becomes<To extends Outcome["to"]>(to: To): Promise<Outcome & { to: To }> {
    const result = await within(outcome.promise, to);
    assert.equal(result.to, to);
    return result as Outcome & { to: To };
  }

  beforeEach(() => start(60_000));

  afterEach(async () => {
    reception.close();
    for (const peer of peers) peer.destroy();
    peers = [];
    server.close();
    await once(server, "close");
  });

  it("takes a request that comes whole and in order, with the frames behind it", async () => {
    open(Buffer.concat([Buffer.from(request), Buffer.from("810568656c6c6f", "hex")]));
    const { request: parsed, early } = await becomes("accept");
    assert.equal(parsed.url, "/chat");
    assert.equal(early, "810568656c6c6f");
    assert.equal(parsed.socket.listenerCount("data"), 0);
    parsed.socket.destroy();
  });

  for (const [what, text] of [
    ["a request that has not ended", request.slice(0, -2)],
    ["one that is refused: another method", request.replace("GET", "PUT")],
    ["a wrong version", request.replace("13", "12")],
    ["a key that is none", request.replace("==", "")],
    ["HTTP/1.0", request.replace("HTTP/1.1", "HTTP/1.0")],
    ["a plain request", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["one that is malformed", request.replace("Host:", "Host :")],
    ["a second one behind it", request + request],
    ["no HTTP at all", "\x16\x03\x01"],
    ["one byte", "G"],
  ] as const) {
    it(`gives Node ${what}, with all of its bytes`, async () => {
      open(text);
      const result = await becomes("http");
      assert.equal(await result.read(text.length), text);
      assert.equal(result.socket.listenerCount("error"), 0);
      result.socket.destroy();
    });
  }

  it("gives Node what comes after that, too, in order", async () => {
    const peer = open(request.slice(0, 20));
    const result = await becomes("http");
    peer.write(request.slice(20));
    assert.equal(await result.read(request.length), request);
    result.socket.destroy();
  });

  it("gives Node a socket that says nothing, once its patience is over", async () => {
    reception.close();
    server.close();
    await once(server, "close");
    await start(20);
    open("");
    (await becomes("http")).socket.destroy();
  });

  it("ends a socket that was ended without a word", async () => {
    const peer = open("");
    const socket = await within(accepted.promise, "the socket");
    peer.end();
    await within(once(socket, "end"), "the end");
    reception.close();
    await within(once(peer, "close"), "the close");
  });

  it("when it closes, gives Node who has said nothing yet, and all who come", async () => {
    open("");
    await within(accepted.promise, "the socket");
    reception.close();
    (await becomes("http")).socket.destroy();
    outcome = deferred();
    open(request);
    (await becomes("http")).socket.destroy();
  });

  it("forgets a socket that was reset", async () => {
    const peer = open("");
    const socket = await within(accepted.promise, "the socket");
    const closed = new Promise((resolve) => {
      socket.once("close", resolve);
    });
    peer.resetAndDestroy();
    await within(closed, "the close");
    reception.close();
    assert.equal(socket.destroyed, true);
  });
});
