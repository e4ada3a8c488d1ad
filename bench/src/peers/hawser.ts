// Hawser in its default settings.

import type { Service } from "../peer.ts";
import { listenWith, newServer } from "./hawser-server.ts";

export function listen(service: Service): Promise<number> {
  return listenWith(newServer(service));
}
