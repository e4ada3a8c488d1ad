// Where a client waits while the `upgrade` hook decides: what it sends meanwhile is kept, up to a limit
// from which on it is not read any more, and that it leaves is noticed.

import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { cutOff } from "./http2/stream.ts";
import type { SocketOwner } from "./socket-owner.ts";

/** From this much on nothing more is read. */
const fullBytes = 16 * 1024;

export class WaitingRoom implements SocketOwner {
  readonly #onGone: () => void;
  #early: Buffer[];
  #bytes = 0;

  /**
   * @param early what came behind the request; it is copied
   * @param onGone called when the client has gone, once or twice
   */
  constructor(early: Uint8Array, onGone: () => void) {
    this.#onGone = onGone;
    this.#early = [Buffer.from(early)];
  }

  socketRead(bytes: Uint8Array, end: number, socket: Duplex): void {
    this.#early.push(Buffer.from(bytes.subarray(0, end)));
    this.#bytes += end;
    if (this.#bytes >= fullBytes) socket.pause();
  }

  /** A client that ends its side before it has an answer does not want one. */
  socketEnded(socket: Duplex): void {
    this.#onGone();
    cutOff(socket);
  }

  socketFailed(): void {}

  socketClosed(): void {
    this.#onGone();
  }

  /** What came so far; the room is empty then. */
  empty(): Buffer {
    const early = Buffer.concat(this.#early);
    this.#early = [];
    return early;
  }
}
