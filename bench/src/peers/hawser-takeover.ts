// Hawser with a window for each connection in each direction, as `ws` has it by default.

import type { Service } from "../peer.ts";
import { listenWith, newServer } from "./hawser-server.ts";

export function listen(service: Service): Promise<number> {
  return listenWith(newServer(service, { mode: "dedicated", windowBits: 15 }));
}
