// The client against every server that nobody here wrote: see contract.ts.

import { peers } from "./peers.ts";
import { checkContract } from "./run-contract.ts";

for (const peer of peers.filter(({ role }) => role === "server")) checkContract(peer);
