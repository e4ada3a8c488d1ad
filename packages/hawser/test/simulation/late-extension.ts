// permessage-deflate that takes its time: what zlib gives at once is given later, in simulated time, as what
// goes through zlib's threads is in real time. So everything that waits for an encoding is simulated, too.

import type { Extension } from "../../dist/protocol/index.js";
import type { World } from "./world.ts";

/** A promise in simulated time: whoever waits is told by the clock, and not by a microtask. */
class Later<Value> {
  readonly #value: Value;
  readonly #world: World;

  constructor(world: World, value: Value) {
    this.#world = world;
    this.#value = value;
  }

  // oxlint-disable-next-line unicorn/no-thenable
  then(onValue: (value: Value) => void): void {
    const { clock, random } = this.#world;
    clock.after(random.below(30), () => onValue(this.#value));
  }
}

/** Encodes and decodes some messages later. */
export function late(extension: Extension, world: World): Extension {
  const perhapsLater = <Value>(value: Value): Value =>
    world.random.chance(0.4) ? (new Later(world, value) as unknown as Value) : value;
  return {
    name: extension.name,
    minBytes: extension.minBytes,
    sharedEncoding: undefined,
    encode: (content) => perhapsLater(extension.encode(content)),
    decode: (payload, maxBytes) => perhapsLater(extension.decode(payload, maxBytes)),
    close: () => extension.close(),
  };
}
