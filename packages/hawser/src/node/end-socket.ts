// The last words to a socket that becomes no connection: written, then the socket ends, whether its
// peer reads them or not.

import type { Duplex } from "node:stream";

/** How long the peer has to take them, in milliseconds. */
export const lingerMs = 2_000;

/** Writes the bytes, ends our side, and destroys the socket once the peer has ended its own. */
export function endSocket(socket: Duplex, bytes: Uint8Array): void {
  if (socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("close", () => clearTimeout(timer));
  socket.once("end", () => socket.destroy());
  // Reading on to the peer's end: destroying a socket with unread input resets it, and the bytes could
  // be lost with it.
  socket.resume();
  socket.end(bytes);
}
