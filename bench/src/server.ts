// The process of one server: `server.js PEER MESSAGE_BYTES`. It tells its parent the port and ends with
// it. It measures nothing: it is measured from outside, so that all peers bear the same.

import { type PeerName, peers } from "./peers.ts";
import { endWithParent, tellParent } from "./parent.ts";

const [name, messageBytes] = process.argv.slice(2);

endWithParent();
// The load asks for this before it reads the memory; the process runs with --expose-gc.
process.on("SIGUSR2", () => globalThis.gc?.());
const peer = await peers[name as PeerName]();
await tellParent(await peer.listen(Number(messageBytes)));
