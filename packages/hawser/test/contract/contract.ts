// ONE contract for connections, whatever they run over: what is sent arrives, whole and in order, however it is cut up on
// the way; both ends see the same end; and a reader that is slow holds back whoever sends. See transport.ts.

import { describe } from "node:test";
import { endings } from "./endings.ts";
import { flow } from "./flow.ts";
import { handshakes } from "./handshakes.ts";
import { messages } from "./messages.ts";
import { Scene } from "./scene.ts";
import type { Transport } from "./transport.ts";

/** Defines the tests of the contract for one transport. */
export function holdToContract(transport: Transport): void {
  describe(`a connection over ${transport.name}`, () => {
    const scene = new Scene(transport);
    for (const section of [handshakes, messages, flow, endings]) section(scene);
  });
}
