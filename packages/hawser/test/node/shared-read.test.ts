import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, Socket } from "node:net";
import { PassThrough } from "node:stream";
import { after, before, describe, it } from "node:test";
import { readShared } from "../../dist/node/shared-read.js";
import { within } from "../support/deferred.js";

class OwnSocket extends Socket {}

describe("shared read", () => {
  const server = createServer();

  before(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => server.close());

  /** An accepted socket and the other end of it. */
  async function open(): Promise<[accepted: Socket, peer: Socket]> {
    const accepted = once(server, "connection") as Promise<[Socket]>;
    const peer = connect((server.address() as AddressInfo).port, "127.0.0.1");
    return [(await within(accepted, "a connection"))[0], peer];
  }

  it("brings what comes, until the end, in one buffer for all sockets", async () => {
    const texts: string[] = [];
    const buffers = new Set<ArrayBufferLike>();
    for (let i = 0; i < 2; i++) {
      const [accepted, peer] = await open();
      const isShared = readShared(accepted, function (this: Socket, byteCount, buffer) {
        assert.equal(this, accepted);
        texts.push(Buffer.from(buffer.subarray(0, byteCount)).toString());
        buffers.add(buffer.buffer);
        return true;
      });
      assert.equal(isShared, true, "the internals of this version of Node are known");
      accepted.resume();
      peer.end(`hello ${i}`);
      await within(once(accepted, "end"), "the end");
      accepted.destroy();
    }
    assert.equal(texts.join(), "hello 0,hello 1");
    assert.equal(buffers.size, 1);
  });

  it("stops while the socket is paused", async () => {
    const [accepted, peer] = await open();
    let bytes = 0;
    const read = new Promise<void>((resolve) => {
      readShared(accepted, (byteCount) => {
        bytes += byteCount;
        resolve();
        return true;
      });
    });
    accepted.resume();
    accepted.pause();
    peer.write("hello");
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(bytes, 0);
    accepted.resume();
    await within(read, "a read");
    assert.equal(bytes, 5);
    accepted.destroy();
    peer.destroy();
  });

  it("leaves a stream alone that is no plain socket", () => {
    const never = (): boolean => assert.fail("not read");
    assert.equal(readShared(new PassThrough(), never), false);
    assert.equal(readShared(new OwnSocket(), never), false);
  });

  it("leaves a socket alone that has no handle any more, or whose data somebody listens to", async () => {
    const never = (): boolean => assert.fail("not read");
    assert.equal(readShared(new Socket(), never), false);
    const [accepted, peer] = await open();
    accepted.on("data", () => undefined);
    assert.equal(readShared(accepted, never), false);
    accepted.destroy();
    peer.destroy();
  });
});
