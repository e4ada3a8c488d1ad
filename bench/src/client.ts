// The process of the clients of one peer: `client.js PEER PORT SCENARIO`, a ClientScenario as JSON. Like
// a server, it is measured from outside and ends with its parent.

import { endWithParent } from "./parent.ts";
import type { PeerName } from "./peer.ts";
import { type ClientPeer, clientPeers } from "./peers.ts";
import type { ClientScenario } from "./scenarios.ts";

const [name, port, json] = process.argv.slice(2) as [PeerName, string, string];

endWithParent();
const peer = await (clientPeers[name] as () => Promise<ClientPeer>)();
const scenario = JSON.parse(json) as ClientScenario;
const runs = Array.from({ length: scenario.connections }, () => peer.run(Number(port), scenario));
await Promise.all(runs);
