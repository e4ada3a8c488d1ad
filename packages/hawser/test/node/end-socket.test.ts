import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { after, afterEach, before, describe, it } from "node:test";
import { endSocket } from "../../dist/node/end-socket.js";
import { deferred, turn } from "../support/deferred.ts";
import { RawPeer } from "../support/raw-peer.ts";

let server: Server;
let accepted = deferred<Socket>();
const peers: RawPeer[] = [];

before(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    accepted.resolve(socket);
  });
  const { promise, resolve } = deferred();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
});
afterEach(() => {
  for (const peer of peers.splice(0)) peer.destroy();
});
after(() => void server.close());

async function open(): Promise<{ peer: RawPeer; socket: Socket; gone: Promise<void> }> {
  accepted = deferred();
  const { port } = server.address() as AddressInfo;
  const peer = await RawPeer.connect({ port, host: "127.0.0.1" });
  peers.push(peer);
  const socket = await accepted.promise;
  const { promise, resolve } = deferred();
  socket.once("close", () => resolve());
  return { peer, socket, gone: promise };
}

const words = Buffer.from("last words");

describe("endSocket", () => {
  it("writes, ends our side, and is gone once the peer has ended its own", async () => {
    const { peer, socket, gone } = await open();
    endSocket(socket, words);
    assert.equal((await peer.readToEnd()).toString(), "last words");
    assert.equal(peer.ending, "fin");
    assert.equal(socket.destroyed, false);
    peer.socket.end();
    await gone;
  });

  it("the peer can read them though it is still writing", async () => {
    for (let i = 0; i < 20; i++) {
      const { peer, socket } = await open();
      peer.write("x".repeat(1_000_000));
      await turn();
      endSocket(socket, words);
      assert.equal((await peer.readToEnd()).toString(), "last words");
    }
  });

  it("a peer that does not end is cut off after two seconds", async () => {
    const { peer, socket, gone } = await open();
    const started = performance.now();
    endSocket(socket, words);
    const writing = setInterval(() => peer.write("on and on"), 100);
    await gone;
    clearInterval(writing);
    const took = performance.now() - started;
    assert.ok(took > 1_900 && took < 4_000, `${took} ms`);
  });

  it("a socket that is gone, or that we have ended, is destroyed", async () => {
    const first = await open();
    first.socket.destroy();
    endSocket(first.socket, words);
    const second = await open();
    second.socket.end();
    endSocket(second.socket, words);
    await second.gone;
    assert.equal((await second.peer.readToEnd()).length, 0);
  });
});
