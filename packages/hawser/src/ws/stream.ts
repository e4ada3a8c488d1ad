// `createWebSocketStream` of `ws`: a socket as a Duplex, with backpressure in both directions.

import { Duplex, type DuplexOptions } from "node:stream";
import type { RawData } from "./data.ts";
import type { WebSocket } from "./face/web-socket.ts";
import { CLOSED, CONNECTING } from "./ready-state.ts";
import type { WebSocket as Implementation } from "./web-socket.ts";

/** What comes on the socket can be read, and what is written goes out as messages. */
export function createWebSocketStream(ws: WebSocket, options?: DuplexOptions): Duplex {
  let terminatesOnDestroy = true;
  const duplex = new Duplex({
    ...options,
    autoDestroy: false,
    emitClose: false,
    objectMode: false,
    writableObjectMode: false,
    read() {
      if (ws.isPaused) ws.resume();
    },
    write(chunk: Buffer, _encoding, callback) {
      if (ws.readyState !== CONNECTING) return ws.send(chunk, callback as never);
      ws.once("open", () => ws.send(chunk, callback as never));
    },
    final(callback) {
      if (ws.readyState === CONNECTING) {
        ws.once("open", () => finish(callback));
        return;
      }
      finish(callback);
    },
    destroy(error, callback) {
      if (ws.readyState === CLOSED) {
        callback(error);
        process.nextTick(() => duplex.emit("close"));
        return;
      }
      let isCalled = false;
      ws.once("error", (failure: Error) => {
        isCalled = true;
        callback(failure);
      });
      ws.once("close", () => {
        if (!isCalled) callback(error);
        process.nextTick(() => duplex.emit("close"));
      });
      if (terminatesOnDestroy) ws.terminate();
    },
  });

  function finish(callback: (error?: Error | null) => void): void {
    // oxlint-disable-next-line no-underscore-dangle
    const { _socket: socket } = ws as unknown as Implementation;
    // Without a socket it failed, and is not to be closed.
    if (socket === undefined) return;
    if (socket.writableFinished) {
      callback();
      if (duplex.readableEnded) duplex.destroy();
      return;
    }
    socket.once("finish", () => callback());
    ws.close();
  }

  ws.on("message", (message: RawData, isBinary: boolean) => {
    const isText = !isBinary && duplex.readableObjectMode;
    if (!duplex.push(isText ? (message as Buffer).toString() : message)) ws.pause();
  });
  ws.once("error", (error: Error) => {
    if (duplex.destroyed) return;
    // The socket closes by itself, and says why.
    terminatesOnDestroy = false;
    duplex.destroy(error);
  });
  ws.once("close", () => {
    if (!duplex.destroyed) duplex.push(null);
  });
  duplex.on("end", () => {
    if (!duplex.destroyed && duplex.writableFinished) duplex.destroy();
  });
  duplex.on("error", function onError(error: Error) {
    duplex.removeListener("error", onError);
    duplex.destroy();
    if (duplex.listenerCount("error") === 0) duplex.emit("error", error);
  });
  return duplex;
}
