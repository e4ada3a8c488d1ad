// The server against every client that nobody here wrote: see contract.ts.

import { peers } from "./peers.ts";
import { checkContract } from "./run-contract.ts";

for (const peer of peers.filter(({ role }) => role === "client")) checkContract(peer);
