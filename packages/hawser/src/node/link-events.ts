// What reaches a link from its two sides, endpoint and socket, as two tables that all links share. The
// socket finds its link through a symbol, so that a connection needs no closures of its own.

import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { type EndpointEvents, TransportError } from "../protocol/index.ts";
import type { Link } from "./link.ts";
import { readShared } from "./shared-read.ts";

/** What an endpoint tells its link; the table that all links share. */
export const linkEvents: EndpointEvents<Link> = {
  message: (link, message) => link.deliver(message),
  ping: (link, payload) => link.pinged(payload),
  pong: (link, payload) => link.ponged(payload),
  output: (link) => link.writer.outputReady(),
  close: (link) => link.closeExchanged(),
  failed: (link, error) => link.failed(error),
  ready: (link) => link.goOn(),
  end: (link) => link.ended(),
};

const linkOf = Symbol("hawser.link");

interface LinkedSocket extends Duplex {
  [linkOf]: Link;
}

/** Listens to the link's socket, which starts to flow with that. */
export function listen(link: Link): void {
  const socket = link.socket as LinkedSocket;
  socket[linkOf] = link;
  socket.on("end", onEnd).on("error", onError).on("close", onClose);
  if (readShared(socket, onChunk)) socket.resume();
  else socket.on("data", onData);
}

function onChunk(this: LinkedSocket, byteCount: number, buffer: Uint8Array): boolean {
  this[linkOf].receiveChunk(buffer, byteCount);
  return true;
}

function onData(this: LinkedSocket, chunk: Buffer): void {
  this[linkOf].receiveChunk(chunk, chunk.length);
}

function onEnd(this: LinkedSocket): void {
  this[linkOf].socketEnded();
}

function onError(this: LinkedSocket, error: Error): void {
  this[linkOf].transportFailed(
    new TransportError("HAWSER_TRANSPORT", `the connection broke: ${error.message}`, error),
  );
}

function onClose(this: LinkedSocket): void {
  this[linkOf].socketClosed();
}
