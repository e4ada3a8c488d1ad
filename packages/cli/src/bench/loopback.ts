// A load generator aimed at somebody else's machine is an attack: without --allow-remote it stays on this one.

import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import type { ConnectOptions } from "hawser";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");
loopback.addSubnet("::ffff:127.0.0.0", 104, "ipv6");

function isLoopback(address: string): boolean {
  return loopback.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** @throws Error when the way to the server leads, or could lead, away from this machine */
export async function checkLoopback(url: URL, connect: ConnectOptions): Promise<void> {
  const asked = "without --allow-remote, which is for servers that you may put under load";
  if (connect.proxy !== undefined) throw new Error(`no --proxy ${asked}`);
  if ((connect.maxRedirects ?? 0) > 0) throw new Error(`no --redirects ${asked}`);
  if (connect.unix !== undefined) return;
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const addresses = await lookup(host, { all: true });
  const remote = addresses.find(({ address }) => !isLoopback(address));
  if (remote === undefined) return;
  const name = remote.address === host ? host : `${host} (${remote.address})`;
  throw new Error(`${name} is not this machine: not ${asked}`);
}
