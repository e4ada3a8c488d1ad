// The process of one server: `server.js PEER SERVICE`, a Service as JSON. It tells its parent the port
// and ends with it. It measures nothing: it is measured from outside, so that all peers bear the same.

import { endWithParent, tellParent } from "./parent.ts";
import type { PeerName, Service } from "./peer.ts";
import { type ServerPeer, serverPeers } from "./peers.ts";

const [name, service] = process.argv.slice(2) as [PeerName, string];

endWithParent();
// The load asks for this before it reads the memory; the process runs with --expose-gc.
process.on("SIGUSR2", () => globalThis.gc?.());
const peer = await (serverPeers[name] as () => Promise<ServerPeer>)();
await tellParent(await peer.listen(JSON.parse(service) as Service));
