// Reads plain TCP sockets into one buffer that all of them share, instead of fresh memory for each
// read: an echo of 64 B costs 0.75 of what it costs otherwise, one of 16 KiB half. `net.connect` has
// that as its documented option `onread`; sockets that a server accepts can't be given it. What the
// option sets is set here afterwards: two symbols, and `useUserBuffer` of the socket's handle. These are
// Node's internals, so each is looked for, and where one is missing or the socket is any other stream,
// TLS for one, it is read by its "data" events.

import { Buffer } from "node:buffer";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { readBuffer } from "./vector-xor.ts";

/** Told of each read: the bytes are `buffer[0, byteCount)`, until it returns. True goes on reading. */
type OnRead<S> = (this: S, byteCount: number, buffer: Uint8Array) => boolean;

interface Internals {
  readonly buffer: symbol;
  readonly callback: symbol;
}

interface SocketInternals {
  [name: symbol]: unknown;
  readonly _handle?: { useUserBuffer?(buffer: Uint8Array): void } | null;
}

const internals = findInternals();

function findInternals(): Internals | undefined {
  const buffer = new Uint8Array(1);
  const callback = (): boolean => true;
  const probe = new Socket({ onread: { buffer, callback } } as object);
  const values = probe as unknown as SocketInternals;
  const symbols = Object.getOwnPropertySymbols(probe);
  const found = {
    buffer: symbols.find((symbol) => values[symbol] === buffer),
    callback: symbols.find((symbol) => values[symbol] === callback),
  };
  return found.buffer && found.callback && (found as Internals);
}

/**
 * From now on the socket's input goes to `onRead` and not to its "data" events, as long as it flows.
 * False, and nothing is changed, when that can't be had for this socket.
 */
export function readShared<S extends Duplex>(socket: S, onRead: OnRead<S>): boolean {
  // A subclass may have its own ways, and whoever listens to "data" already is not to be cut off.
  const isPlain = (socket.constructor as unknown) === Socket;
  if (internals === undefined || !isPlain || socket.listenerCount("data") > 0) return false;
  // What lies in the stream already comes by "data" events only.
  if (socket.readableLength > 0) return false;
  const values = socket as unknown as SocketInternals;
  // oxlint-disable-next-line no-underscore-dangle
  const handle = values._handle;
  if (typeof handle?.useUserBuffer !== "function") return false;
  values[internals.callback] = onRead;
  if (values[internals.buffer] === readBuffer) return true;
  values[internals.buffer] = readBuffer;
  handle.useUserBuffer(readBuffer);
  return true;
}

/** From now on the socket's input goes to its "data" events again. */
export function stopReadingShared(socket: Duplex): void {
  if (internals === undefined) return;
  const values = socket as unknown as SocketInternals;
  // The handle can't be told to read elsewhere again.
  if (values[internals.buffer] === readBuffer) values[internals.callback] = pushCopy;
}

function pushCopy(this: Duplex, byteCount: number, buffer: Uint8Array): boolean {
  return this.push(Buffer.from(buffer.subarray(0, byteCount)));
}
