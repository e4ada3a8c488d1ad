// To whom a socket belongs: to a reception at first, then to a link. Its listeners are set once, are the
// same for all sockets, and find the owner through a symbol, so that a connection needs no closures of
// its own, and that to change hands costs an assignment.

import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { readShared, stopReadingShared } from "./shared-read.ts";

/** What an owner is told of its sockets. */
export interface SocketOwner {
  /** Bytes came, `bytes[0, end)`. They may be changed, and are lent until this returns. */
  socketRead(bytes: Uint8Array, end: number, socket: Duplex): void;
  /** The peer has ended its side. */
  socketEnded(socket: Duplex): void;
  socketFailed(error: Error, socket: Duplex): void;
  socketClosed(socket: Duplex): void;
  /** Somebody else listens to the socket: see `share`. */
  socketHeard?(socket: Duplex): void;
}

/** The owner of a socket that becomes no connection: whatever happens to it ends nothing else. */
export const nobody: SocketOwner = {
  socketRead: () => undefined,
  socketEnded: () => undefined,
  socketFailed: () => undefined,
  socketClosed: () => undefined,
};

const ownerOf = Symbol("hawser.owner");

interface OwnedSocket extends Duplex {
  [ownerOf]: SocketOwner | undefined;
}

/** From now on the socket, which flows, is that owner's; another one hears no more of it. */
export function own(duplex: Duplex, owner: SocketOwner): void {
  const socket = duplex as OwnedSocket;
  const isOwned = socket[ownerOf] !== undefined;
  socket[ownerOf] = owner;
  if (!isOwned) {
    socket.on("end", onEnd).on("error", onError).on("close", onClose);
    if (!readShared(socket, onRead)) socket.on("data", onData);
  }
  if (socket.readableFlowing !== true) socket.resume();
}

/** The socket is nobody's, as if it had never been owned: it is read by its events. */
export function disown(duplex: Duplex): void {
  const socket = duplex as OwnedSocket;
  socket[ownerOf] = undefined;
  socket.removeListener("end", onEnd).removeListener("error", onError);
  socket.removeListener("close", onClose).removeListener("data", onData);
  stopReadingShared(socket);
}

/**
 * Leaves the socket, if nobody has taken it meanwhile, as Node's HTTP server leaves that of an upgrade: what
 * comes waits in the stream for whoever asks for its events.
 */
export function leaveToNobody(duplex: Duplex): void {
  const socket = duplex as OwnedSocket & { readableFlowing: boolean | null };
  if (socket[ownerOf] !== nobody || socket.destroyed) return;
  disown(socket);
  if (socket.listenerCount("data") === 0) socket.readableFlowing = null;
}

/**
 * The socket is handed to others, who may use it as any stream: they hear its "data", and what they push into
 * it comes to its owner.
 */
export function share(duplex: Duplex): void {
  const socket = duplex as OwnedSocket;
  if (socket.listeners("newListener").includes(onNewListener)) return;
  if (!socket.listeners("data").includes(onData)) socket.on("data", onData);
  socket.on("newListener", onNewListener);
}

function onNewListener(this: OwnedSocket, event: string | symbol): void {
  // "data" is for each of its listeners, and the shared buffer for one.
  if (event === "data" || event === "readable") stopReadingShared(this);
  this[ownerOf]?.socketHeard?.(this);
}

function onRead(this: OwnedSocket, byteCount: number, buffer: Uint8Array): boolean {
  this[ownerOf]?.socketRead(buffer, byteCount, this);
  return true;
}

function onData(this: OwnedSocket, chunk: Buffer): void {
  this[ownerOf]?.socketRead(chunk, chunk.length, this);
}

function onEnd(this: OwnedSocket): void {
  this[ownerOf]?.socketEnded(this);
}

function onError(this: OwnedSocket, error: Error): void {
  this[ownerOf]?.socketFailed(error, this);
}

function onClose(this: OwnedSocket): void {
  this[ownerOf]?.socketClosed(this);
}
