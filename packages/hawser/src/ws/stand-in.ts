// What stands in for a socket in somebody's tests: an EventEmitter with the few methods that `ws` calls. The
// link asks for some more of what every stream has, which is put in here.

import type { Duplex } from "node:stream";

/** Makes it do for a socket; false, and nothing is done, when it is a stream. */
export function completeStandIn(socket: Duplex): boolean {
  if (typeof socket.isPaused === "function") return false;
  const has = socket as Partial<Record<keyof Duplex, unknown>>;
  has.isPaused = () => false;
  has.pause ??= () => socket;
  has.resume ??= () => socket;
  has.read ??= () => null;
  has.writableLength ??= 0;
  return true;
}
