import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { WaitingRoom } from "../../dist/node/waiting-room.js";

describe("waiting room", () => {
  function start(early = ""): { room: WaitingRoom; socket: PassThrough; gone: () => number } {
    let gone = 0;
    const room = new WaitingRoom(Buffer.from(early), () => gone++);
    return { room, socket: new PassThrough(), gone: () => gone };
  }

  it("keeps copies of what comes, behind what came with the request", () => {
    const { room, socket } = start("one ");
    const lent = Buffer.from("two three");
    room.socketRead(lent, 4, socket);
    lent.write("four");
    room.socketRead(lent, 4, socket);
    lent.fill(0);
    assert.equal(room.empty().toString(), "one two four");
    assert.equal(room.empty().length, 0);
    assert.equal(socket.isPaused(), false);
  });

  it("from 16 KiB on nothing more is read", () => {
    const { room, socket } = start();
    room.socketRead(Buffer.alloc(16_383), 16_383, socket);
    assert.equal(socket.isPaused(), false);
    room.socketRead(Buffer.alloc(1), 1, socket);
    assert.equal(socket.isPaused(), true);
    assert.equal(room.empty().length, 16_384);
  });

  it("a client that ends its side or is gone does not wait any more", () => {
    const { room, socket, gone } = start();
    room.socketFailed();
    assert.equal(gone(), 0, "its close follows");
    room.socketEnded(socket);
    assert.deepEqual([gone(), socket.destroyed], [1, true]);
    room.socketClosed();
    assert.equal(gone(), 2);
  });
});
