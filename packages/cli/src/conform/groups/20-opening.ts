// Group 20: the opening handshake. A server is asked in wrong and in odd ways, a client answered so.

import type { Group } from "../engine/case.ts";
import { openingForClients } from "./20-opening-clients.ts";
import { openingForServers } from "./20-opening-servers.ts";

export const opening: Group = {
  number: 20,
  title: "Opening handshake",
  isPerformance: false,
  cases: [...openingForServers, ...openingForClients],
};
