// The server against every client that nobody here wrote, compressed in every way: see contract.ts. The
// browser takes as long as all others together, and has compressed-browser.test.ts.

import { isBrowser, peers } from "./peers.ts";
import { checkCompressed } from "./run-contract.ts";

for (const peer of peers) if (peer.role === "client" && !isBrowser(peer)) checkCompressed(peer);
