// Where a WebSocket of `ws` has its listeners. Node's EventEmitter makes an object without a prototype, which
// is a hash table of 160 bytes from the first listener on; an object with properties takes 56, and a thousand
// idle connections 170 KiB less. It is found by the name that EventEmitter has for it in all its versions.

import type { EventEmitter } from "node:events";

class Listeners {
  static {
    // No event is called as a property that all objects have.
    Reflect.deleteProperty(this.prototype, "constructor");
    Object.setPrototypeOf(this.prototype, null);
  }
}

/** To be called before the first listener is added. */
export function makeListenersSmall(emitter: EventEmitter): void {
  // oxlint-disable-next-line no-underscore-dangle
  (emitter as unknown as { _events: object })._events = new Listeners();
}
