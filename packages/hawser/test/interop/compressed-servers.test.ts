// The client against every server that nobody here wrote, compressed in every way: see contract.ts.

import { peers } from "./peers.ts";
import { checkCompressed } from "./run-contract.ts";

for (const peer of peers.filter(({ role }) => role === "server")) checkCompressed(peer);
