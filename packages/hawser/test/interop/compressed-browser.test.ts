// The server against a browser, compressed in every way: see contract.ts.

import { isBrowser, peers } from "./peers.ts";
import { checkCompressed } from "./run-contract.ts";

for (const peer of peers.filter(isBrowser)) checkCompressed(peer);
