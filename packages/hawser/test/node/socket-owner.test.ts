// Sockets that change hands: plain TCP, which is read into the shared buffer, and another stream, which is
// read by its "data" events, must look the same to their owners.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { type AddressInfo, createServer, Socket } from "node:net";
import { afterEach, beforeEach, describe, it } from "node:test";
import {
  disown,
  leaveToNobody,
  nobody,
  own,
  share,
  type SocketOwner,
} from "../../dist/node/socket-owner.js";
import { deferred, turn, within } from "../support/deferred.ts";

class Recorder implements SocketOwner {
  text = "";
  readonly events: string[] = [];
  #news = deferred();

  socketRead(bytes: Uint8Array, end: number): void {
    this.text += Buffer.from(bytes.subarray(0, end)).toString();
    this.#news.resolve();
  }

  socketEnded(): void {
    this.#tell("end");
  }

  socketFailed(error: Error): void {
    this.#tell((error as NodeJS.ErrnoException).code as string);
  }

  socketClosed(): void {
    this.#tell("close");
  }

  #tell(event: string): void {
    this.events.push(event);
    this.#news.resolve();
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await within(this.#news.promise, "something");
      this.#news = deferred();
    }
  }
}

/** A subclass may have its own ways, so it is read as any stream. */
class OwnSocket extends Socket {}

for (const kind of ["plain", "other"] as const) {
  describe(`socket owner: of a ${kind} socket`, () => {
    let socket: Socket;
    let peer: Socket;

    beforeEach(async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      const accepted = once(server, "connection") as Promise<[Socket]>;
      const { port } = server.address() as AddressInfo;
      const dialled = kind === "plain" ? new Socket() : new OwnSocket();
      dialled.connect(port, "127.0.0.1");
      const [other] = await within(accepted, "a connection");
      [socket, peer] = kind === "plain" ? [other, dialled] : [dialled, other];
      if (kind === "other") await once(dialled, "connect");
      server.close();
    });

    afterEach(() => {
      socket.destroy();
      peer.destroy();
    });

    it("an owner is told of what comes, of the end and of the close", async () => {
      const owner = new Recorder();
      own(socket, owner);
      peer.end("hello");
      await owner.until(() => owner.events.includes("close"));
      assert.equal(owner.text, "hello");
      assert.deepEqual(owner.events, ["end", "close"]);
    });

    it("and of a failure", async () => {
      const owner = new Recorder();
      own(socket, owner);
      peer.resetAndDestroy();
      await owner.until(() => owner.events.includes("close"));
      assert.deepEqual(owner.events, ["ECONNRESET", "close"]);
    });

    it("the next owner hears the rest, by the same listeners", async () => {
      const [first, second] = [new Recorder(), new Recorder()];
      own(socket, first);
      const listeners = ["data", "end", "error", "close"].map((event) => socket.listeners(event));
      peer.write("one");
      await first.until(() => first.text === "one");
      own(socket, second);
      assert.deepEqual(
        ["data", "end", "error", "close"].map((event) => socket.listeners(event)),
        listeners,
      );
      peer.end("two");
      await second.until(() => second.events.includes("close"));
      assert.deepEqual([first.text, second.text], ["one", "two"]);
      assert.deepEqual(first.events, []);
    });

    it("a paused one flows again with the next owner", async () => {
      const [first, second] = [new Recorder(), new Recorder()];
      own(socket, first);
      socket.pause();
      peer.write("two");
      await turn();
      own(socket, second);
      await second.until(() => second.text === "two");
      assert.equal(first.text, "");
    });

    it("nobody's is read and thrown away, and its failure is none of the process", async () => {
      own(socket, nobody);
      peer.write("hello");
      const closed = new Promise((resolve) => {
        socket.once("close", resolve);
      });
      while (socket.bytesRead === 0) await turn();
      peer.resetAndDestroy();
      await within(closed, "the close");
    });

    it("shared, others hear its data and push into it", async () => {
      const owner = new Recorder();
      let heard = 0;
      own(socket, Object.assign(owner, { socketHeard: () => void heard++ }));
      share(socket);
      share(socket);
      socket.push("zero ");
      assert.equal(owner.text, "zero ");
      peer.write("one ");
      await owner.until(() => owner.text === "zero one ");
      assert.equal(heard, 0);
      let text = "";
      socket.prependListener("data", (chunk: Buffer) => void (text += chunk.toString()));
      peer.write("two");
      await owner.until(() => owner.text === "zero one two");
      assert.equal(text, "two");
      assert.equal(heard, 1);
    });

    it("disowned, it is a socket like any other, to be owned again", async () => {
      const owner = new Recorder();
      own(socket, owner);
      disown(socket);
      assert.deepEqual(
        ["data", "end", "error"].map((event) => socket.listeners(event).filter(isOurs)),
        [[], [], []],
      );
      peer.write("one");
      const [chunk] = (await within(once(socket, "data"), "data")) as [Buffer];
      assert.equal(chunk.toString(), "one");
      own(socket, owner);
      peer.end("two");
      await owner.until(() => owner.events.includes("close"));
      assert.equal(owner.text, "two");
      assert.equal(chunk.toString(), "one", "memory of its own");
    });

    it("left by nobody, what comes waits in the stream until somebody asks for it", async () => {
      own(socket, nobody);
      await turn();
      leaveToNobody(socket);
      peer.write("one");
      while (socket.readableLength < 3) await turn();
      const [chunk] = (await within(once(socket, "data"), "data")) as [Buffer];
      assert.equal(chunk.toString(), "one");
    });

    it("left by somebody, it stays whose it is", async () => {
      const owner = new Recorder();
      own(socket, owner);
      leaveToNobody(socket);
      peer.end("one");
      await owner.until(() => owner.events.includes("close"));
      assert.equal(owner.text, "one");
    });

    it("what lies in the stream comes first, when it is owned again", async () => {
      const owner = new Recorder();
      own(socket, owner);
      disown(socket);
      socket.pause();
      socket.unshift(Buffer.from("one "));
      peer.write("two");
      own(socket, owner);
      await owner.until(() => owner.text.length === 7);
      assert.equal(owner.text, "one two");
    });
  });
}

/** Node's own listeners have other names. */
function isOurs(listener: unknown): boolean {
  const { name } = listener as { name: string };
  return ["onData", "onEnd", "onError", "onClose"].includes(name);
}
